"""A circuit breaker on a timeline: what counts, who may probe, what comes late."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum


class State(Enum):
    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half-open"


class CircuitOpenError(Exception):
    """The call was refused and not made."""


class StatusError(Exception):
    """The service answered with an error."""

    def __init__(self, status: int) -> None:
        super().__init__(str(status))
        self.status = status


class Outcome(Enum):
    SUCCESS = "success"
    FAILURE = "failure"
    IGNORED = "ignored"


def judge(error: BaseException) -> Outcome:
    """Which errors count."""
    match error:
        case StatusError(status=429):
            return Outcome.IGNORED  # our quota: slow down instead
        case StatusError(status=status) if status < 500:
            return Outcome.SUCCESS  # the caller's mistake: the service works
        case asyncio.CancelledError():
            return Outcome.IGNORED  # the caller left: that proves nothing
        case _:
            return Outcome.FAILURE


@dataclass
class Bucket:
    second: int
    calls: int = 0
    failures: int = 0


class Window:
    """Counts by the second: its size does not depend on the traffic."""

    def __init__(
        self,
        clock: Callable[[], float],
        *,
        seconds: int,
        minimum_calls: int,
        failure_percent: int,
    ) -> None:
        self._clock = clock
        self._seconds = seconds
        self._minimum_calls = minimum_calls
        self._failure_percent = failure_percent
        self._buckets: deque[Bucket] = deque()

    def add(self, failed: bool) -> None:
        second = int(self._clock())
        if not self._buckets or self._buckets[-1].second != second:
            self._buckets.append(Bucket(second))
        self._buckets[-1].calls += 1
        self._buckets[-1].failures += failed

    def totals(self) -> tuple[int, int]:
        """Calls and failures of the last seconds."""
        oldest = int(self._clock()) - self._seconds
        while self._buckets and self._buckets[0].second <= oldest:
            self._buckets.popleft()
        calls = sum(bucket.calls for bucket in self._buckets)
        return calls, sum(bucket.failures for bucket in self._buckets)

    def trips(self) -> bool:
        calls, failures = self.totals()
        enough = calls >= self._minimum_calls
        return enough and failures * 100 >= self._failure_percent * calls

    def clear(self) -> None:
        self._buckets.clear()


# --8<-- [start:show]
class Breaker:
    """Guards the calls to one service; belongs to one event loop.

    Each call brings its own timeout: without one, a call that hangs is never
    counted, and a probe that hangs keeps everybody out.
    """

    def __init__(
        self, window: Window, open_for: float, clock: Callable[[], float]
    ) -> None:
        self._window = window
        self._open_for = open_for  # seconds
        self._clock = clock
        self.state = State.CLOSED
        self._generation = 0
        self._probe_at = 0.0

    @contextmanager
    def guard(self) -> Iterator[None]:
        if self.state is State.OPEN and self._clock() >= self._probe_at:
            self._enter(State.HALF_OPEN)  # this call is the probe
        elif self.state is not State.CLOSED:
            raise CircuitOpenError
        generation = self._generation
        try:
            yield
        except BaseException as error:
            self._settle(generation, judge(error))
            raise
        self._settle(generation, Outcome.SUCCESS)

    def _settle(self, generation: int, outcome: Outcome) -> None:
        if generation != self._generation:
            return  # late: the call began before the state last changed
        if self.state is State.HALF_OPEN:
            if outcome is Outcome.SUCCESS:
                self._enter(State.CLOSED)
            elif outcome is Outcome.FAILURE:
                self._enter(State.OPEN, self._open_for)
            else:
                self._enter(State.OPEN)  # canceled: the next caller probes
        elif outcome is not Outcome.IGNORED:
            self._window.add(outcome is Outcome.FAILURE)
            if self._window.trips():
                self._enter(State.OPEN, self._open_for)

    def _enter(self, state: State, wait: float = 0) -> None:
        self.state = state
        self._generation += 1
        self._probe_at = self._clock() + wait
        self._window.clear()


# --8<-- [end:show]


class ManualClock:
    """Seconds that pass only when told."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def error_of(answer: str) -> Exception | None:
    if answer == "ok":
        return None
    return TimeoutError() if answer == "timeout" else StatusError(int(answer))


class Timeline:
    """Calls a service that answers when and what it is told."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.window = Window(
            self.clock, seconds=10, minimum_calls=4, failure_percent=50
        )
        self.breaker = Breaker(self.window, 4, self.clock)
        self.reached = 0
        self.refused = 0

    async def service(self, answer: asyncio.Future[str]) -> None:
        self.reached += 1
        async with asyncio.timeout(10):
            error = error_of(await answer)
        if error is not None:
            raise error

    async def guarded(self, answer: asyncio.Future[str]) -> str:
        try:
            with self.breaker.guard():
                await self.service(answer)
        except CircuitOpenError:
            self.refused += 1
            return "refused"
        except StatusError as error:
            return str(error)
        except TimeoutError:
            return "timeout"
        except asyncio.CancelledError:
            return "canceled"
        return "ok"

    async def start(self) -> "Pending":
        answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        task = asyncio.create_task(self.guarded(answer))
        await asyncio.sleep(0)  # until it waits for its answer, or was refused
        return Pending(answer, task)

    async def call(self, second: int, label: str, answer: str) -> None:
        self.clock.now = second
        pending = await self.start()
        self.row(second, label, await pending.end(answer))

    async def late(
        self, second: int, label: str, pending: "Pending", answer: str
    ) -> None:
        self.clock.now = second
        self.row(second, label, f"{await pending.end(answer)}, late")

    def row(self, second: int, label: str, outcome: str) -> None:
        calls, failures = self.window.totals()
        closed = self.breaker.state is State.CLOSED
        counted = f"{failures} of {calls}" if closed else "-"
        state = self.breaker.state.value
        print(f"{second:>2} s  {label:<17}{outcome:<13}{counted:<11}{state}")


@dataclass
class Pending:
    answer: asyncio.Future[str]
    task: asyncio.Task[str]

    async def end(self, answer: str) -> str:
        if answer == "canceled":
            self.task.cancel()
        else:
            self.answer.set_result(answer)
        return await self.task


async def main() -> None:
    print("opens at 50 % failures of at least 4 calls in 10 s, stays open for 4 s")
    print("time  call             outcome      failures   state")
    line = Timeline()
    first, second, third = [await line.start() for _ in range(3)]
    line.row(0, "three slow calls", "start")
    await line.call(1, "call", "ok")
    await line.call(2, "call", "503")
    await line.call(3, "call", "404")
    await line.call(4, "call", "timeout")
    await line.call(5, "call", "ok")
    await line.late(6, "first slow call", first, "ok")

    line.clock.now = 8
    callers = [await line.start() for _ in range(10)]
    refused = sum(caller.task.done() for caller in callers)
    line.row(8, "ten callers", f"{refused} refused")
    await line.late(8, "second slow call", second, "ok")
    for probe in callers:
        if not probe.task.done():
            line.row(8, "the probe", await probe.end("timeout"))
    await line.call(9, "call", "ok")
    await line.call(12, "probe", "canceled")
    await line.call(12, "next probe", "ok")
    await line.late(13, "third slow call", third, "503")
    for time in (14, 15, 16, 26):
        await line.call(time, "call", "503")
    print(f"{line.reached} calls reached the service, {line.refused} were refused")


if __name__ == "__main__":
    asyncio.run(main())
