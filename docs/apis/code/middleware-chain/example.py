"""Three middlewares in five orders: what the logs know after each."""

import asyncio
import hmac
import itertools
from collections.abc import Awaitable, Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field

TOKEN = "sample-token"
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
CALLER = "00f067aa0ba902b7"
HEX = frozenset("0123456789abcdef")


@dataclass(frozen=True, slots=True)
class Request:
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Response:
    status: int


Handler = Callable[[Request], Awaitable[Response]]
Middleware = Callable[[Handler], Handler]


@dataclass(frozen=True, slots=True)
class Trace:
    trace_id: str
    flags: str


def parse(traceparent: str) -> Trace | None:
    """Accept exactly what W3C Trace Context allows; None starts a new trace."""
    parts = traceparent.split("-")
    if [len(part) for part in parts[:4]] != [2, 32, 16, 2]:
        return None
    version, trace_id, parent_id, flags = parts[:4]
    if not HEX.issuperset("".join(parts[:4])) or version == "ff":
        return None
    if version == "00" and len(parts) > 4:
        return None
    if trace_id == "0" * 32 or parent_id == "0" * 16:
        return None
    return Trace(trace_id, f"{int(flags, 16) & 1:02x}")


class FakeClock:
    """Milliseconds that pass only when somebody works."""

    now = 0

    def work(self, milliseconds: int) -> None:
        self.now += milliseconds


clock = FakeClock()
numbers = itertools.count(1)
lines: list[tuple[str, str]] = []  # what a log collector would see


def new_id(digits: int) -> str:
    """Stands in for secrets.token_hex."""
    return f"{next(numbers):0{digits}x}"


# --8<-- [start:show]
current: ContextVar[Trace | None] = ContextVar("current", default=None)


def log(message: str) -> None:
    trace = current.get()
    lines.append((trace.trace_id[:8] if trace else "no id", message))


def request_id(inner: Handler) -> Handler:
    async def handle(request: Request) -> Response:
        trace = parse(request.headers.get("traceparent", ""))
        token = current.set(trace or Trace(new_id(32), "01"))
        try:
            return await inner(request)
        finally:
            current.reset(token)

    return handle


def timing(inner: Handler) -> Handler:
    async def handle(request: Request) -> Response:
        started = clock.now
        response = await inner(request)
        log(f"{response.status} in {clock.now - started} ms")
        return response

    return handle


def recovery(inner: Handler) -> Handler:
    async def handle(request: Request) -> Response:
        try:
            return await inner(request)
        except Exception as error:
            log(f"crash: {error}")
            return Response(500)

    return handle


def chain(handler: Handler, *middlewares: Middleware) -> Handler:
    for middleware in reversed(middlewares):  # the first becomes the outermost
        handler = middleware(handler)
    return handler


# --8<-- [end:show]


def guard(inner: Handler) -> Handler:
    async def handle(request: Request) -> Response:
        sent = request.headers.get("authorization", "")
        if not hmac.compare_digest(sent.encode(), f"Bearer {TOKEN}".encode()):
            return Response(401)
        return await inner(request)

    return handle


def child_traceparent() -> str:
    """The header of an outgoing call: same trace, new parent id."""
    trace = current.get()
    if trace is None:
        raise RuntimeError("outgoing call outside a request")
    return f"00-{trace.trace_id}-{new_id(16)}-{trace.flags}"


async def crashing(request: Request) -> Response:
    clock.work(7)
    raise ZeroDivisionError("divide by zero")


def found(kind: str) -> str:
    for trace_id, message in lines:
        if message.startswith("crash") == (kind == "crash"):
            return trace_id if kind == "crash" else f"{trace_id} {message}"
    return "none"


async def orders() -> None:
    print("order, from the outside in        answer  crash log  access log")
    headers = {"traceparent": f"00-{TRACE}-{CALLER}-01"}
    for label, middlewares in (
        ("id > timing > recovery", (request_id, timing, recovery)),
        ("id > recovery > timing", (request_id, recovery, timing)),
        ("recovery > id > timing", (recovery, request_id, timing)),
        ("id > timing > guard", (request_id, timing, guard)),
        ("guard > id > timing", (guard, request_id, timing)),
    ):
        lines.clear()
        answer = await chain(crashing, *middlewares)(Request("/crash", headers))
        crash, access = found("crash"), found("access")
        print(f"  {label:<32}{answer.status:<8}{crash:<11}{access}")


async def interleaved() -> None:
    print("\ntwo requests, interleaved         global   request scope")
    shared = "no id"  # the tempting module variable
    a_waits, b_done = asyncio.Event(), asyncio.Event()

    def note(message: str) -> None:
        log(message)
        trace_id, _ = lines[-1]
        print(f"  {message:<32}{shared:<9}{trace_id}")

    async def cart(request: Request) -> Response:
        nonlocal shared
        name = request.path[1:]
        trace = current.get()
        shared = trace.trace_id[:8] if trace else "no id"
        note(f"{name} loads the cart")
        if name == "A":
            a_waits.set()
            await asyncio.wait_for(b_done.wait(), 5)
        note(f"{name} charges the card")
        return Response(200)

    app = chain(cart, request_id)
    first = Request("/A", {"traceparent": f"00-{'a' * 32}-{CALLER}-01"})
    second = Request("/B", {"traceparent": f"00-{'b' * 32}-{CALLER}-01"})
    task = asyncio.create_task(app(first))
    await asyncio.wait_for(a_waits.wait(), 5)
    await app(second)
    b_done.set()
    await task
    note("after both")


async def traceparents() -> None:
    print("\ntraceparent     trace sent on")
    sent: list[str] = []

    async def price(request: Request) -> Response:
        sent.append(child_traceparent())
        return Response(200)

    app = chain(price, request_id)
    for label, header in (
        ("valid", f"00-{TRACE}-{CALLER}-01"),
        ("later version", f"cc-{TRACE}-{CALLER}-01-more"),
        ("none", ""),
        ("zero trace", f"00-{'0' * 32}-{CALLER}-01"),
        ("upper case", f"00-{TRACE.upper()}-{CALLER}-01"),
        ("version ff", f"ff-{TRACE}-{CALLER}-01"),
    ):
        await app(Request("/price", {"traceparent": header}))
        kept = "kept" if TRACE in sent[-1] else "new"
        print(f"  {label:<14}{kept:<6}{sent[-1]}")


async def main() -> None:
    await orders()
    await interleaved()
    await traceparents()


if __name__ == "__main__":
    asyncio.run(main())
