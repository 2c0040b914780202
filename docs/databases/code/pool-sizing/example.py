"""A load test on a simulated database: throughput and waiting against pool size."""

import heapq
from collections import deque
from collections.abc import Callable, Generator
from itertools import count
from random import Random

Resume = Callable[[bool], None]
Process = Generator[Callable[[Resume], None], bool, None]


class Clock:
    """Runs processes in the order of simulated time; nothing sleeps."""

    def __init__(self) -> None:
        self.now = 0.0
        self._events: list[tuple[float, int, Resume, bool]] = []
        self._order = count()

    def at(self, time: float, resume: Resume, value: bool = True) -> None:
        heapq.heappush(self._events, (time, next(self._order), resume, value))

    def sleep(self, seconds: float) -> Callable[[Resume], None]:
        return lambda resume: self.at(self.now + seconds, resume)

    def start(self, process: Process) -> None:
        def step(value: bool | None) -> None:
            try:
                wait_for = process.send(value)
            except StopIteration:
                return
            wait_for(step)

        step(None)

    def run(self, until: float) -> None:
        while self._events and self._events[0][0] < until:
            self.now, _, resume, value = heapq.heappop(self._events)
            resume(value)


class Places:
    """A number of places with one line in front: cores, disk, or a pool."""

    def __init__(self, clock: Clock, number: int) -> None:
        self._clock, self._free, self._number = clock, number, number
        self._line: deque[list[Resume | None]] = deque()
        self._area = self._since = 0.0

    @property
    def taken(self) -> int:
        return self._number - self._free

    def _change(self, free: int) -> None:
        self._area += self.taken * (self._clock.now - self._since)
        self._since, self._free = self._clock.now, free

    def mean_taken(self) -> float:
        self._change(self._free)
        return self._area / self._clock.now

    def acquire(self, patience: float = 0) -> Callable[[Resume], None]:
        def request(resume: Resume) -> None:
            if self._free:
                self._change(self._free - 1)
                self._clock.at(self._clock.now, resume)
                return
            place: list[Resume | None] = [resume]
            self._line.append(place)
            if patience:
                give_up = self._clock.now + patience
                self._clock.at(give_up, lambda _: self._abandon(place))

        return request

    def _abandon(self, place: list[Resume | None]) -> None:
        if resume := place[0]:
            place[0] = None
            resume(False)

    def release(self) -> None:
        while self._line:
            place = self._line.popleft()
            if resume := place[0]:
                place[0] = None
                self._clock.at(self._clock.now, resume)
                return
        self._change(self._free + 1)


# --8<-- [start:show]
CORES, DISKS = 4, 4
NETWORK = 0.001  # seconds for each statement
CPU, DISK = 0.003, 0.002  # the same, on average
CONTENTION = 0.005  # each session beyond the cores slows the others by 0.5 %


class LoadTest:
    """Transactions of two statements, through a pool, on a small database."""

    def __init__(self, size: int, patience: float = 0, outside: float = 0) -> None:
        self.clock, self.random = Clock(), Random(7)
        self.pool = Places(self.clock, size)
        self.cores, self.disk = Places(self.clock, CORES), Places(self.clock, DISKS)
        self.patience, self.outside = patience, outside
        self.waits: list[float] = []
        self.holds: list[float] = []
        self.timeouts = 0

    def transaction(self) -> Process:
        begin = self.clock.now
        if not (yield self.pool.acquire(self.patience)):
            self.timeouts += 1
            return
        lent = self.clock.now
        for _ in range(2):
            yield self.clock.sleep(NETWORK)  # the database waits
            yield self.cores.acquire()
            yield self.clock.sleep(self.some(CPU) * self.slowdown())
            self.cores.release()
            yield self.disk.acquire()
            yield self.clock.sleep(self.some(DISK))
            self.disk.release()
        yield self.clock.sleep(self.outside)  # an HTTP call inside the transaction
        self.pool.release()
        self.waits.append(lent - begin)
        self.holds.append(self.clock.now - lent)

    def slowdown(self) -> float:
        return 1 + CONTENTION * max(0, self.pool.taken - CORES)

    def some(self, mean: float) -> float:
        return self.random.expovariate(1 / mean)

    # --8<-- [end:show]

    def clients(self, number: int, seconds: float) -> "LoadTest":
        """Each sends its next transaction when the last one is done."""

        def client() -> Process:
            while True:
                yield from self.transaction()

        for _ in range(number):
            self.clock.start(client())
        self.clock.run(seconds)
        return self

    def arrivals(self, per_second: float, seconds: float) -> "LoadTest":
        """New transactions come, whether or not the old ones are done."""

        def source() -> Process:
            while True:
                yield self.clock.sleep(self.some(1 / per_second))
                self.clock.start(self.transaction())

        self.clock.start(source())
        self.clock.run(seconds)
        return self


def mean(values: list[float]) -> float:
    return sum(values) / len(values)


def p95(values: list[float]) -> float:
    return sorted(values)[len(values) * 95 // 100]


def main() -> None:
    seconds = 10
    print("200 clients as fast as they can; means in ms")
    print("pool   tx/s  in pool  in database")
    for size in (1, 2, 4, 6, 8, 12, 16, 32, 64, 128):
        test = LoadTest(size).clients(200, seconds)
        rate = len(test.waits) / seconds
        print(
            f"{size:>4}{rate:>7.0f}{mean(test.waits) * 1000:>9.0f}"
            f"{mean(test.holds) * 1000:>13.0f}  {'#' * round(rate / 20)}"
        )

    print("\n400 arrivals a second, 250 ms of patience; ms")
    print("pool  lent, mean  rate x hold  wait p95  all p95  timeouts")
    for size, outside in ((4, 0), (5, 0), (6, 0), (8, 0), (12, 0), (12, 0.1)):
        test = LoadTest(size, 0.25, outside).arrivals(400, seconds)
        little = len(test.holds) / seconds * mean(test.holds)
        total = [w + h for w, h in zip(test.waits, test.holds, strict=True)]
        share = test.timeouts / (test.timeouts + len(total))
        note = "  100 ms HTTP call inside" if outside else ""
        print(
            f"{size:>4}{test.pool.mean_taken():>12.1f}{little:>13.1f}"
            f"{p95(test.waits) * 1000:>10.0f}{p95(total) * 1000:>9.0f}"
            f"{share:>10.1%}{note}"
        )


if __name__ == "__main__":
    main()
