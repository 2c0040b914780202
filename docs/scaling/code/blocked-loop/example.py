"""An event loop blocked by CPU work, and two ways out. Real loop, real socket."""

import asyncio
import hashlib
import multiprocessing as mp
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing.synchronize import Event

SLICE = 2_000  # hashes, a few milliseconds


def one_slice(digest: bytes) -> bytes:
    for _ in range(SLICE):
        digest = hashlib.sha256(digest).digest()
    return digest


class Both:
    """A timer and a request: sent together, noted when they happen."""

    def __init__(self, events: list[str], writer: asyncio.StreamWriter) -> None:
        self.events, self.writer = events, writer
        spawn = mp.get_context("spawn")
        self.computing, self.complete = spawn.Event(), spawn.Event()

    def send(self) -> None:
        self.writer.write(b"GET /health\n")
        asyncio.get_running_loop().call_later(0.001, self.note, "timer")

    def note(self, event: str) -> None:
        self.events.append(event)
        if {"timer", "GET /health"} <= set(self.events):
            self.complete.set()


# --8<-- [start:show]
async def blocking(others: Both) -> None:
    """async changes nothing: without an await inside, nobody else gets a turn."""
    others.send()
    digest, until = b"report", time.monotonic() + 0.05
    while time.monotonic() < until:  # the timer is due after 0.001 s
        digest = one_slice(digest)


async def in_slices(others: Both) -> None:
    """Hand the loop back after every slice; long enough for both to happen."""
    others.send()
    digest = b"report"
    while not others.complete.is_set():
        digest = one_slice(digest)
        await asyncio.sleep(0)


async def in_worker(others: Both) -> None:
    """Another process computes until it is told that both have happened."""
    spawn = mp.get_context("spawn")
    setup = {"initializer": keep, "initargs": (others.computing, others.complete)}
    with ProcessPoolExecutor(1, mp_context=spawn, **setup) as pool:
        answer = asyncio.get_running_loop().run_in_executor(pool, report)
        await asyncio.to_thread(others.computing.wait, 10)
        others.send()  # only now: the worker is in the middle of its work
        await answer


# --8<-- [end:show]

shared: dict[str, Event] = {}


def keep(computing: Event, complete: Event) -> None:
    shared.update(computing=computing, complete=complete)


def report() -> None:
    """Runs in the worker process."""
    digest = b"report"
    while not shared["complete"].is_set():
        digest = one_slice(digest)
        shared["computing"].set()


async def scenario(name: str, compute) -> None:
    events: list[str] = []
    finished = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = (await reader.readline()).decode()
        others.note(line.rstrip())
        writer.write(b"ok\n")
        await writer.drain()
        writer.close()
        finished.set()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    async with server:
        reader, writer = await asyncio.open_connection(host, port)
        others = Both(events, writer)
        events.append("report begins")
        async with asyncio.timeout(20):
            await compute(others)
            events.append("report ends")
            await reader.readline()
            await finished.wait()
            while not others.complete.is_set():
                await asyncio.sleep(0.001)
        writer.close()
        await writer.wait_closed()
    end = events.index("report ends")
    during = ", ".join(sorted(events[1:end])) or "nothing"
    after = ", ".join(sorted(events[end + 1 :])) or "nothing"
    print(f"{name:<34}{during:<20}{after}")


async def main() -> None:
    print(f"{'the report is computed':<34}{'meanwhile':<20}only afterwards")
    await scenario("in an async function on the loop", blocking)
    await scenario("in slices that yield to the loop", in_slices)
    await scenario("by a worker beside the loop", in_worker)


if __name__ == "__main__":
    asyncio.run(main())
