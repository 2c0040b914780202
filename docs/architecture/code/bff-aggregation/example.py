"""A backend for frontend: one screen from three services, some of them broken."""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Any

SESSIONS = {"sid-of-ada": "sample-token-of-ada"}
LONG, SHORT = 5.0, 0.1  # seconds; the short one is for services that never answer


# --8<-- [start:show]
@dataclass(frozen=True)
class Part:
    name: str
    port: int
    required: bool = False
    seconds: float = LONG  # its own deadline: no part may use up the whole screen's


class PartError(Exception):
    def __init__(self, part: Part, status: int, reason: str) -> None:
        super().__init__(f"{part.name}: {reason}")
        self.status = status  # ours, should the part be required


async def call(part: Part, token: str) -> Any:
    """Ask one service; every way to fail becomes one kind of error."""
    try:
        async with asyncio.timeout(part.seconds):  # connect, headers and body together
            answer = await get(part.port, "/", {"Authorization": f"Bearer {token}"})
    except TimeoutError:
        raise PartError(part, 504, "timeout") from None
    except OSError:
        raise PartError(part, 502, "unreachable") from None
    if answer.status != 200:
        raise PartError(part, 502, f"status {answer.status}")
    try:
        return json.loads(answer.body)
    except ValueError:
        raise PartError(part, 502, "no JSON") from None


async def home(
    parts: list[Part], token: str, log: list[str]
) -> tuple[int, dict[str, Any]]:
    page: dict[str, Any] = {}
    missing: list[str] = []
    status = 200

    async def fill(part: Part) -> None:
        page[part.name] = None
        try:
            page[part.name] = await call(part, token)
        except PartError as error:
            log.append(str(error))  # the reason is for us, the name for the client
            if part.required:
                raise  # ends the group: the other calls are canceled
            missing.append(part.name)

    try:
        async with asyncio.TaskGroup() as group:  # all at once
            for part in parts:
                group.create_task(fill(part))
    except* PartError as errors:
        status = max(error.status for error in errors.exceptions)
    if status != 200:
        return status, {"title": "The page cannot be shown now"}
    return status, page | {"missing": sorted(missing)}


# --8<-- [end:show]


async def one_by_one(parts: list[Part], token: str) -> tuple[int, dict[str, Any]]:
    """The loop that everybody writes first."""
    page = {}
    for part in parts:
        try:
            page[part.name] = await call(part, token)
        except PartError as error:
            return error.status, {}
    return 200, page


@dataclass
class Answer:
    status: int
    body: str = ""
    headers: dict[str, str] = field(default_factory=dict)


async def get(port: int, path: str, headers: dict[str, str]) -> Answer:
    """As much of an HTTP client as is needed; a real one keeps connections."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n{lines}\r\n".encode())
        await writer.drain()
        head, _, body = (
            (await reader.read()).decode(errors="replace").partition("\r\n\r\n")
        )
    finally:
        writer.close()
    first, *rest = head.split("\r\n")
    if not re.match(r"HTTP/1\.[01] [1-5][0-9][0-9]", first):
        raise ConnectionError("no HTTP answer")
    return Answer(int(first.split()[1]), body, parse(rest))


def parse(lines: list[str]) -> dict[str, str]:
    pairs = (line.partition(": ") for line in lines)
    return {name.lower(): value for name, _, value in pairs if name}


async def serve(
    handle: Callable[[dict[str, str]], Awaitable[Answer]],
) -> asyncio.Server:
    async def connected(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        answer = await handle(parse(head.split("\r\n")[1:]))
        lines = "".join(
            f"{name}: {value}\r\n" for name, value in answer.headers.items()
        )
        writer.write(
            f"HTTP/1.1 {answer.status} .\r\n{lines}Connection: close\r\n"
            f"Content-Length: {len(answer.body)}\r\n\r\n{answer.body}".encode()
        )
        writer.close()

    return await asyncio.start_server(connected, "127.0.0.1", 0)


class Service:
    """Behaves as its mode says."""

    def __init__(
        self, data: Any, meeting: asyncio.Barrier, holding: asyncio.Event
    ) -> None:
        self.mode = "ok"
        self.data = data
        self.seen: list[dict[str, str]] = []
        self._meeting = meeting
        self._holding = holding  # some service holds a request
        self._release = asyncio.Event()

    async def start(self) -> None:
        self._server = await serve(self.handle)
        self.port = self._server.sockets[0].getsockname()[1]

    async def handle(self, headers: dict[str, str]) -> Answer:
        self.seen.append(headers)
        match self.mode:
            case "fail":
                return Answer(500)
            case "garbage":
                return Answer(200, "<html>")
            case "hang":
                self._holding.set()
                await self._release.wait()
            case "fail last":
                await self._holding.wait()
                return Answer(500)
            case "meet":  # answer when all three have been asked
                try:
                    await self._meeting.wait()
                except asyncio.BrokenBarrierError:
                    return Answer(503)
        return Answer(200, json.dumps(self.data))

    async def stop(self) -> None:
        self._release.set()
        self._server.close()


class Bff:
    def __init__(self, parts: list[Part]) -> None:
        self.parts = parts
        self.log: list[str] = []

    async def handle(self, headers: dict[str, str]) -> Answer:
        token = SESSIONS.get(headers.get("cookie", "").removeprefix("sid="))
        if token is None:
            return Answer(401)
        status, body = await home(self.parts, token, self.log)
        whole = status == 200 and not body["missing"]
        caching = "private, max-age=30" if whole else "no-store"
        text = json.dumps(body, sort_keys=True, separators=(",", ":"))
        return Answer(status, text, {"Cache-Control": caching})


async def scenarios(
    services: dict[str, Service], bff: Bff, port: int, holding: asyncio.Event
) -> None:
    async def show(title: str, **modes: str) -> Answer:
        for name, service in services.items():
            service.mode = modes.get(name, "ok")
        bff.parts = [
            replace(part, seconds=SHORT if modes.get(part.name) == "hang" else LONG)
            for part in bff.parts
        ]
        bff.log.clear()
        answer = await get(port, "/home", {"Cookie": "sid=sid-of-ada"})
        reasons = ", ".join(bff.log) or "-"
        caching = answer.headers["cache-control"]
        print(f"{title:<20}{answer.status}  {caching:<20}{reasons}")
        return answer

    print(f"{'scenario':<20}status, caching          log")
    await show("all well")
    await show("all wait for all", profile="meet", orders="meet", offers="meet")
    await show("slow offers", offers="hang")
    broken = await show("broken offers", offers="garbage")
    await show("both", orders="fail", offers="hang")
    await show("profile fails", profile="fail")
    await show("profile is slow", profile="hang")
    print(f"the page without offers:\n{broken.body}")

    services["offers"].mode, services["profile"].mode = "hang", "fail last"
    holding.clear()
    bff.parts = [replace(part, seconds=4 * LONG) for part in bff.parts]
    status = (await get(port, "/home", {"Cookie": "sid=sid-of-ada"})).status
    print(f"profile fails while offers hangs for 20 s: {status}, at once")

    for service in services.values():
        service.mode = "meet"
    parts = [replace(part, seconds=SHORT) for part in bff.parts]
    status, _ = await one_by_one(parts, "sample-token-of-ada")
    print(f"one by one, where all wait for all: {status}")

    asked = sum(len(service.seen) for service in services.values())
    status = (await get(port, "/home", {})).status
    asked = sum(len(service.seen) for service in services.values()) - asked
    print(f"without a session: {status}, services asked: {asked}")
    seen = [headers for service in services.values() for headers in service.seen]
    tokens = {headers.get("authorization") for headers in seen}
    cookies = sum("cookie" in headers for headers in seen)
    print(f"services saw: {', '.join(map(str, tokens))}; cookies: {cookies}")


async def main() -> None:
    meeting, holding = asyncio.Barrier(3), asyncio.Event()
    services = {
        "profile": Service({"name": "Ada"}, meeting, holding),
        "orders": Service([42], meeting, holding),
        "offers": Service(["tea"], meeting, holding),
    }
    for service in services.values():
        await service.start()
    bff = Bff(
        [Part(name, each.port, name == "profile") for name, each in services.items()]
    )
    server = await serve(bff.handle)
    try:
        async with asyncio.timeout(3 * LONG):
            port = server.sockets[0].getsockname()[1]
            await scenarios(services, bff, port, holding)
    finally:
        await meeting.abort()
        for service in services.values():
            await service.stop()
        server.close()
        if others := asyncio.all_tasks() - {asyncio.current_task()}:
            await asyncio.wait(others, timeout=LONG)  # the released handlers end


if __name__ == "__main__":
    asyncio.run(main())
