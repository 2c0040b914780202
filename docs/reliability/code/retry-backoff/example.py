"""Retries that wait, stop in time and do not make an outage worse."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeVar

T = TypeVar("T")


class CallError(Exception):
    """The call failed and would fail again."""


class RetryableError(CallError):
    """The same request may do better in a moment."""

    def __init__(self, reason: str, retry_after: float = 0) -> None:
        super().__init__(reason)
        self.retry_after = retry_after  # seconds


def status_error(status: int, retry_after: float = 0) -> CallError:
    if status in (429, 502, 503, 504):
        return RetryableError(str(status), retry_after)
    return CallError(str(status))


@dataclass(frozen=True)
class Policy:
    """Times in seconds; `timeout` is that of one attempt."""

    attempts: int
    timeout: float
    base: float
    cap: float


# --8<-- [start:show]
class Budget:
    """Lets retries be `percent` of all calls, and at most `reserve` in a burst."""

    def __init__(self, percent: int, reserve: int) -> None:
        self._percent = percent
        self._limit = self._balance = reserve * 100  # a retry costs 100
        self._lock = threading.Lock()

    def deposit(self) -> None:
        with self._lock:
            self._balance = min(self._limit, self._balance + self._percent)

    def withdraw(self) -> bool:
        with self._lock:
            if self._balance < 100:
                return False
            self._balance -= 100
            return True


@dataclass(frozen=True)
class Retrier:
    policy: Policy
    budget: Budget  # one for all calls to a service
    clock: Callable[[], float]  # time.monotonic
    sleep: Callable[[float], None]  # time.sleep
    random: Callable[[], float]  # from 0 to below 1: random.random

    def call(
        self, send: Callable[[float], T], *, deadline: float, idempotent: bool
    ) -> T:
        self.budget.deposit()
        attempt = 0
        while True:
            left = deadline - self.clock()
            if left <= 0:
                raise CallError("deadline passed")
            try:
                return send(min(self.policy.timeout, left))
            except RetryableError as error:
                attempt += 1
                if not idempotent or attempt == self.policy.attempts:
                    raise
                # Never earlier than asked, and not all at the moment asked for.
                wait = error.retry_after + self.backoff(attempt)
                if self.clock() + wait >= deadline or not self.budget.withdraw():
                    raise
            self.sleep(wait)

    def backoff(self, attempt: int) -> float:
        """Full jitter: anything from nothing to the exponential ceiling."""
        ceiling = min(self.policy.cap, self.policy.base * 2 ** (attempt - 1))
        return self.random() * ceiling


# --8<-- [end:show]


class ManualClock:
    """Seconds that pass only by sleeping."""

    def __init__(self) -> None:
        self.now = 0.0
        self.waits: list[int] = []  # milliseconds

    def read(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.waits.append(int(seconds * 1000))


class Mulberry32:
    """A small generator, the same in every language."""

    def __init__(self, seed: int) -> None:
        self._state = seed

    def __call__(self) -> float:
        self._state = (self._state + 0x6D2B79F5) & 0xFFFFFFFF
        t = self._state
        t = ((t ^ t >> 15) * (t | 1)) & 0xFFFFFFFF
        t ^= (t + ((t ^ t >> 7) * (t | 61) & 0xFFFFFFFF)) & 0xFFFFFFFF
        return (t ^ t >> 14) / 2**32


def always_ceiling() -> float:
    return 1.0


class Server:
    """Gives its answers in order, the last one for ever."""

    def __init__(self, *answers: CallError | None) -> None:
        self._answers = answers
        self.received = 0

    def send(self, timeout: float) -> str:
        answer = self._answers[min(self.received, len(self._answers) - 1)]
        self.received += 1
        if answer is not None:
            raise answer
        return "ok"


POLICY = Policy(attempts=4, timeout=2, base=0.5, cap=8)
DOWN = status_error(503)
LOST = RetryableError("connection lost")


def build(clock: ManualClock, policy: Policy, reserve: int) -> Retrier:
    budget = Budget(10, reserve)
    return Retrier(policy, budget, clock.read, clock.sleep, Mulberry32(42))


def attempt_call(retrier: Retrier, server: Server, deadline: float, safe: bool) -> str:
    try:
        return retrier.call(server.send, deadline=deadline, idempotent=safe)
    except CallError as error:
        return str(error)


def waits() -> None:
    print("exponential backoff with full jitter, base 500 ms, cap 8 s")
    clock = ManualClock()
    retrier = build(clock, replace(POLICY, attempts=7), 10)
    attempt_call(retrier, Server(DOWN), 60, True)
    ceilings = [min(8000, 500 * 2**retry) for retry in range(6)]
    for label, row in (("ceiling", ceilings), ("wait", clock.waits)):
        print(f"{label:<10}{''.join(f'{each:>7}' for each in row)}  ms")


def case(
    label: str,
    *answers: CallError | None,
    deadline: float = 10,
    idempotent: bool = True,
    reserve: int = 10,
) -> None:
    clock, server = ManualClock(), Server(*answers)
    result = attempt_call(build(clock, POLICY, reserve), server, deadline, idempotent)
    slept = " ".join(map(str, clock.waits)) or "-"
    print(f"{label:<35}{server.received:>4}  {result:<17}{slept}")


def cases() -> None:
    print("\none call, at most 4 requests         sent  result           waits, ms")
    case("works at the third", DOWN, LOST, None)
    case("always 503", DOWN)
    case("404", status_error(404))
    case("connection lost, not idempotent", LOST, None, idempotent=False)
    case("always 503, deadline at 1 s", DOWN, deadline=1)
    case("503, Retry-After: 2", status_error(503, 2), None)
    case("503, Retry-After: 30, deadline 10 s", status_error(503, 30), None)
    case("503, budget empty", DOWN, None, reserve=0)


def outage() -> None:
    print("\n1,000 calls, one after the other, while the server is down")
    for label, reserve in (("no budget", 1_000_000), ("a budget of 10 %", 10)):
        clock, server = ManualClock(), Server(DOWN)
        retrier = build(clock, POLICY, reserve)
        for _ in range(1000):
            attempt_call(retrier, server, clock.now + 60, True)
        print(f"{label:<20}{server.received:>4} requests")


def herd(label: str, random: Callable[[], float]) -> None:
    """The server fails all in the first 100 ms, then serves 100 in each 100 ms."""
    clock = ManualClock()
    retrier = Retrier(POLICY, Budget(10, 10), clock.read, clock.sleep, random)
    slots = [[(0, 1)] * 1000]  # of 100 ms: when and which attempt
    last_served = 0  # milliseconds
    for slot, requests in enumerate(slots):
        for place, (time, attempt) in enumerate(requests):  # both may grow
            if slot > 0 and place < 100:
                last_served = time
                continue
            again = time + int(retrier.backoff(attempt) * 1000)
            while len(slots) <= again // 100:
                slots.append([])
            slots[again // 100].append((again, attempt + 1))
    sent = sum(map(len, slots))
    peak = max(map(len, slots[1:]))
    seconds = f"{last_served // 1000}.{last_served % 1000 // 100} s"
    print(f"{label:<20}{sent:>4} requests{peak:>13}{seconds:>20}")


def main() -> None:
    waits()
    cases()
    outage()
    print("\n1,000 clients fail at 0 s; then the server takes 100 in each 100 ms")
    print("                       in all   later peak, 100 ms   last served at")
    herd("no jitter", always_ceiling)
    herd("full jitter", Mulberry32(42))


if __name__ == "__main__":
    main()
