"""A server offered more than it can do, in virtual milliseconds."""

from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field

PATIENCE = 500  # ms a client waits for the answer to one attempt


class Lcg:
    """The same small generator in every language."""

    def __init__(self, seed: int) -> None:
        self.state = seed

    def below(self, n: int) -> int:
        self.state = (self.state * 1103515245 + 12345) % 2**31
        return (self.state >> 8) % n


@dataclass
class Attempt:
    critical: bool
    number: int
    sent: int
    answered: bool = False


# --8<-- [start:show]
@dataclass
class Admission:
    """Decides at the door and again when a worker is free."""

    limit: int = 10**9  # requests waiting or in work
    reserved: int = 0  # of these, only for critical requests
    drop_expired: bool = False
    adaptive: bool = False
    target: int = 200  # ms, for the adaptive limit
    slowest: int = field(default=0, init=False)
    was_full: bool = field(default=False, init=False)

    def admit(self, inside: int, critical: bool) -> bool:
        room = self.limit - (0 if critical else self.reserved)
        self.was_full |= inside >= room
        return inside < room

    def worth_starting(self, age: int, work: int) -> bool:
        """Only while the client will still be there when the work is done."""
        return not self.drop_expired or age + work <= PATIENCE

    def observe(self, latency: int) -> None:
        self.slowest = max(self.slowest, latency)

    def every_100_ms(self) -> None:
        """Multiplicative decrease when slow; one more when full and proven fast."""
        if self.adaptive and self.slowest > self.target:
            self.limit = max(1, self.limit * 9 // 10)
        elif self.adaptive and self.was_full and self.slowest > 0:
            self.limit += 1
        self.slowest, self.was_full = 0, False


# --8<-- [end:show]


@dataclass
class Window:
    """What happened in a part of the run."""

    attempts: int = 0
    good: int = 0
    late: int = 0
    shed: int = 0
    critical: int = 0
    critical_good: int = 0
    waiting: int = 0
    limit: int = 0
    latencies: list[int] = field(default_factory=list)


def run(
    seconds: int,
    rate: int,
    service: Callable[[int], int],
    admission: Admission,
    tries: int,
    every: int,
    change: Callable[[int, Admission, deque], None],
) -> list[Window]:
    """One worker, `rate` requests a second; counts in windows of `every` ms."""
    random, queue, again = Lcg(1), deque(), defaultdict(list)
    busy, free_at, windows = None, 0, []
    for now in range(seconds * 1000):
        if now % every == 0:
            windows.append(Window())
        if now % 100 == 0:
            admission.every_100_ms()
        change(now, admission, queue)
        w = windows[-1]
        arriving = []
        if random.below(1000) < rate:
            arriving.append(Attempt(random.below(5) == 0, 1, now))
        for old in again.pop(now, []):
            if not old.answered and old.number < tries:
                arriving.append(Attempt(old.critical, old.number + 1, now))
        for attempt in arriving:
            w.attempts += 1
            w.critical += attempt.critical
            again[now + PATIENCE].append(attempt)
            if admission.admit(len(queue) + (busy is not None), attempt.critical):
                queue.append(attempt)
            else:
                w.shed += 1
        if busy and now >= free_at:
            latency = now - busy.sent
            admission.observe(latency)
            if latency <= PATIENCE:
                busy.answered = True
                w.good += 1
                w.critical_good += busy.critical
                w.latencies.append(latency)
            else:
                w.late += 1
            busy = None
        while busy is None and queue and service(now):
            head = queue.popleft()
            if admission.worth_starting(now - head.sent, service(now)):
                busy, free_at = head, now + service(now)
            else:
                w.shed += 1
        w.waiting, w.limit = len(queue), admission.limit
    return windows


def no_change(now: int, admission: Admission, queue: deque) -> None:
    """The settings stay as they are."""


def overload() -> None:
    print("100/s possible, 150/s offered for 30 s, clients wait 500 ms")
    print("                        good/s  late/s     shed/s  p50 ms  critical served")
    for name, admission in (
        ("unbounded queue", Admission()),
        ("  and expired dropped", Admission(drop_expired=True)),
        ("at most 20 inside", Admission(limit=20)),
        ("  10 for critical", Admission(limit=20, reserved=10)),
    ):
        (w,) = run(30, 150, lambda _: 10, admission, 1, 30_000, no_change)
        p50 = sorted(w.latencies)[len(w.latencies) // 2]
        share = w.critical_good * 100 // w.critical
        print(f"{name:<24}{w.good // 30:>6}{w.late // 30:>8}", end="")
        print(f"{w.shed // 30:>11}{p50:>8}{share:>16}%")


def adaptive() -> None:
    def service(now: int) -> int:
        return 25 if 10_000 <= now < 20_000 else 10

    print("10 ms a request, 25 ms from 10 to 20 s, 150/s offered")
    for name, admission in (
        ("fixed limit 40", Admission(limit=40)),
        ("AIMD, start 40", Admission(limit=40, adaptive=True)),
    ):
        windows = run(30, 150, service, admission, 1, 10_000, no_change)
        good = "".join(f"{w.good // 10:>5}" for w in windows)
        limits = "".join(f"{w.limit:>4}" for w in windows)
        print(f"{name}: good/s{good}, limit at the end of each{limits}")


def storm() -> None:
    def service(now: int) -> int:
        return 0 if 10_000 <= now < 13_000 else 10  # 0: stalled

    def at(ms: int, action: Callable[[Admission, deque], None]):
        def change(now: int, admission: Admission, queue: deque) -> None:
            if now == ms:
                action(admission, queue)

        return change

    def empty(admission: Admission, queue: deque) -> None:
        queue.clear()  # what a restart does

    def bound(admission: Admission, queue: deque) -> None:
        admission.limit = 20

    def expire(admission: Admission, queue: deque) -> None:
        admission.drop_expired = True

    def shed(admission: Admission, queue: deque) -> None:
        admission.limit, admission.drop_expired = 20, True

    print("80/s of 100/s, up to 4 tries; stall 10-13 s; shedding on from 30 s")
    print("seconds  tries/s  good/s  late/s     shed/s  waiting")
    shedding = run(45, 80, service, Admission(), 4, 5000, at(30_000, shed))
    for i, w in enumerate(shedding):
        per_s = (w.attempts // 5, w.good // 5, w.late // 5, w.shed // 5)
        print(
            f"{i * 5:>3}-{i * 5 + 5:<3}{per_s[0]:>9}{per_s[1]:>8}{per_s[2]:>8}", end=""
        )
        print(f"{per_s[3]:>11}{w.waiting:>9}")
    print("good/s of the same windows, if instead")
    for name, change in (
        ("the queue is emptied once at 30 s", at(30_000, empty)),
        ("it is only bounded, from 30 s", at(30_000, bound)),
        ("only the expired are skipped", at(30_000, expire)),
        ("shedding is on from the start", at(0, shed)),
    ):
        windows = run(45, 80, service, Admission(), 4, 5000, change)
        print(f"{name:<36}" + "".join(f"{w.good // 5:>4}" for w in windows))


if __name__ == "__main__":
    overload()
    print()
    adaptive()
    print()
    storm()
