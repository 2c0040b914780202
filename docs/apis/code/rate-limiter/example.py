"""Three rate limiters behind allow(key, now), under the same traffic."""

import threading
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol


@dataclass(frozen=True)
class Rate:
    """At most `limit` requests in `window` milliseconds."""

    limit: int
    window: int

    def __post_init__(self) -> None:
        if not (0 < self.limit <= 1_000_000 and 0 < self.window <= 86_400_000):
            raise ValueError("limit must be 1 to 1000000, window 1 ms to 1 day")


class Decision(NamedTuple):
    allowed: bool
    delay: int  # milliseconds until a retry can pass; 0 if allowed


class Meter(Protocol):
    """What a limiter remembers of one key."""

    def take(self, rate: Rate, now: int) -> int:
        """Count a request and return 0, or only return the milliseconds to wait."""


@dataclass
class FixedWindow:
    """Counts anew in each window of the clock."""

    start: int = 0
    used: int = 0

    def take(self, rate: Rate, now: int) -> int:
        start = now - now % rate.window
        if start != self.start:
            self.start, self.used = start, 0
        if self.used == rate.limit:
            return start + rate.window - now
        self.used += 1
        return 0


class Recent:
    """The meters of the keys that were used lately: within one to two windows."""

    def __init__(self, window: int, new_meter: Callable[[], Meter]) -> None:
        self.window, self.new_meter = window, new_meter
        self.young: dict[str, Meter] = {}
        self.old: dict[str, Meter] = {}
        self.turned = 0

    def get(self, key: str, now: int) -> Meter:
        if now - self.turned >= self.window:
            self.young, self.old, self.turned = {}, self.young, now
        meter = self.young.get(key) or self.old.pop(key, None) or self.new_meter()
        self.young[key] = meter
        return meter

    def __len__(self) -> int:
        return len(self.young) + len(self.old)


# --8<-- [start:show]
@dataclass
class SlidingLog:
    """Remembers when each accepted request came, for one window."""

    times: deque[int] = field(default_factory=deque)  # never more than the limit

    def take(self, rate: Rate, now: int) -> int:
        while self.times and self.times[0] <= now - rate.window:
            self.times.popleft()
        if len(self.times) == rate.limit:
            return self.times[0] + rate.window - now
        self.times.append(now)
        return 0


@dataclass
class TokenBucket:
    """Holds `limit` tokens and refills over one window.

    A token is `window` drops and each millisecond adds `limit` drops, so that
    whole numbers suffice. Kept is how many are missing: none in a new bucket.
    """

    missing: int = 0
    updated: int = 0

    def take(self, rate: Rate, now: int) -> int:
        refill = (now - self.updated) * rate.limit
        self.missing, self.updated = max(self.missing - refill, 0), now
        short = self.missing + rate.window - rate.limit * rate.window
        if short > 0:
            return -(-short // rate.limit)  # rounded up
        self.missing += rate.window
        return 0


class Limiter:
    """Decides for each key on its own, in whole milliseconds of the caller's clock."""

    def __init__(self, rate: Rate, new_meter: Callable[[], Meter]) -> None:
        self.rate = rate
        self.meters = Recent(rate.window, new_meter)
        self.latest = 0
        self.lock = threading.Lock()

    def allow(self, key: str, now: int) -> Decision:
        with self.lock:  # read, decide and write are one step
            # Threads overtake each other between the clock and the lock.
            self.latest = now = max(now, self.latest)
            # A meter unused for a whole window is as good as new, and dropped.
            meter = self.meters.get(key, now)
            wait = meter.take(self.rate, now)
            return Decision(wait == 0, wait)


# --8<-- [end:show]

RATE = Rate(limit=20, window=10_000)
METERS: dict[str, Callable[[], Meter]] = {
    "fixed window": FixedWindow,
    "sliding log": SlidingLog,
    "token bucket": TokenBucket,
}
BURST = 24  # requests, 20 ms apart
TRAFFIC = [  # milliseconds
    *(start + 20 * each for start in (9_500, 10_000) for each in range(BURST)),
    *range(11_000, 21_000, 250),
]
LAST_OF_BURST = 10_460


def row(label: str, cells: Iterable[object]) -> None:
    print(f"{label:<36}" + "".join(f"{cell!s:>14}" for cell in cells))


def most_in_any(span: int, times: list[int]) -> int:
    """Return the largest number of times within `span` milliseconds."""
    return max(sum(first <= at < first + span for at in times) for first in times)


def replay() -> None:
    limiters = [Limiter(RATE, new_meter) for new_meter in METERS.values()]
    accepted: list[list[int]] = [[] for _ in limiters]
    for now in TRAFFIC:
        for limiter, times in zip(limiters, accepted, strict=True):
            if limiter.allow("ada", now).allowed:
                times.append(now)

    row("20 requests in 10 s", METERS)
    for second in range(9, 21):
        sent = sum(at // 1000 == second for at in TRAFFIC)
        passed = [sum(at // 1000 == second for at in times) for times in accepted]
        cells = [f"{number}/{sent - number}" for number in passed]
        row(f"second {second:>2}: accepted/rejected of {sent:>2}", cells)
    for seconds in (1, 10):
        most = [most_in_any(seconds * 1000, times) for times in accepted]
        row(f"most accepted in any {seconds} s", most)


def retry() -> None:
    """Let the last request of the burst be rejected, then come back as told."""
    rows: list[list[object]] = []
    for new_meter in METERS.values():
        limiter = Limiter(RATE, new_meter)
        for now in TRAFFIC:
            if now > LAST_OF_BURST:
                break
            decision = limiter.allow("ada", now)
        on_time = LAST_OF_BURST + decision.delay
        early = limiter.allow("ada", on_time - 1).allowed
        again = limiter.allow("ada", on_time).allowed
        seconds = -(-decision.delay // 1000)  # rounded up, or the retry is too early
        rows.append([decision.delay, seconds, early, again])
    waits, seconds, early, again = zip(*rows, strict=True)
    row("rejected at 10.460 s: wait in ms", waits)
    row("  Retry-After in seconds", seconds)
    row("  retry 1 ms too early passes", ("yes" if each else "no" for each in early))
    row("  retry after that wait passes", ("yes" if each else "no" for each in again))


def crowd() -> None:
    accepted = []
    for new_meter in METERS.values():
        limiter = Limiter(RATE, new_meter)
        with ThreadPoolExecutor(8) as pool:
            calls = [pool.submit(limiter.allow, "ada", 0) for _ in range(800)]
        accepted.append(sum(call.result().allowed for call in calls))
    row("accepted of 800 concurrent requests", accepted)


def idle() -> None:
    before, after = [], []
    for new_meter in METERS.values():
        limiter = Limiter(RATE, new_meter)
        for number in range(10_000):
            limiter.allow(f"caller-{number}", 0)
        before.append(len(limiter.meters))
        for now in (RATE.window, 2 * RATE.window):
            limiter.allow("ada", now)
        after.append(len(limiter.meters))
    row("keys kept after 10000 callers", before)
    row("keys kept two windows later", after)


if __name__ == "__main__":
    replay()
    retry()
    crowd()
    idle()
