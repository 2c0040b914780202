"""Queues in virtual time: utilization, Little's law, workers, a cache, overload."""

import heapq
from collections import deque
from collections.abc import Sequence
from itertools import accumulate

REQUESTS = 300_000
SERVICE = 10_000  # microseconds of work, on average: one worker can do 100 a second


class Lcg:
    """The same numbers in every language."""

    def __init__(self, seed: int) -> None:
        self._x = seed

    def next(self) -> int:
        self._x = (self._x * 1_103_515_245 + 12_345) % 2**31
        return self._x

    def exponential(self, mean: int) -> int:
        """Von Neumann's method: comparisons only, so no rounding differs."""
        whole = 0
        while True:
            first = last = self.next()
            run = 1
            while (x := self.next()) < last:
                last, run = x, run + 1
            if run % 2:
                return (whole * 2**31 + first) * mean >> 31
            whole += 1


# --8<-- [start:show]
def serve(arrivals: Sequence[int], work: Sequence[int], workers: int = 1) -> list[int]:
    """One queue, first come, first served: when does each request leave?"""
    free_at = [0] * workers  # a heap: the worker that is free first
    leaves = []
    for arrived, needs in zip(arrivals, work, strict=True):
        done = max(arrived, free_at[0]) + needs
        heapq.heapreplace(free_at, done)
        leaves.append(done)
    return leaves


def formula(percent: int, workers: int = 1) -> float:
    """Mean time in an M/M/c queue: the service, plus Erlang's C times the wait."""
    load = workers * percent / 100  # busy workers, on average
    blocked = 1.0
    for n in range(1, workers + 1):
        blocked = load * blocked / (n + load * blocked)
    waits = blocked / (1 - percent / 100 * (1 - blocked))  # share that has to wait
    return SERVICE + waits * SERVICE / (workers - load)


def mean_inside(arrivals: Sequence[int], leaves: Sequence[int]) -> float:
    """A gauge read every 50 ms: how many requests are inside?"""
    exits = sorted(leaves)
    entered = left = seen = readings = 0
    for now in range(0, arrivals[-1], 50_000):
        while arrivals[entered] <= now:
            entered += 1
        while exits[left] <= now:
            left += 1
        seen += entered - left
        readings += 1
    return seen / readings


# --8<-- [end:show]


def bounded(arrivals: Sequence[int], work: Sequence[int], room: int) -> list[int]:
    """As serve, but full is full: 0 for a request that was turned away."""
    inside: deque[int] = deque()
    leaves, last = [], 0
    for arrived, needs in zip(arrivals, work, strict=True):
        while inside and inside[0] <= arrived:
            inside.popleft()
        if len(inside) >= room:
            leaves.append(0)
            continue
        last = max(arrived, last) + needs
        inside.append(last)
        leaves.append(last)
    return leaves


def times(arrivals: Sequence[int], leaves: Sequence[int]) -> list[int]:
    return sorted(b - a for a, b in zip(arrivals, leaves, strict=True))


def ms(microseconds: float) -> str:
    return f"{microseconds / 1000:.1f}"


def mean(values: Sequence[int]) -> float:
    return sum(values) / len(values)


def p99(values: Sequence[int]) -> int:
    return values[len(values) * 99 // 100]


def arrivals_at(per_second: int, gaps: Sequence[int]) -> list[int]:
    return list(accumulate(gap // per_second for gap in gaps))


def utilization(gaps: Sequence[int], work: Sequence[int]) -> None:
    print("One worker, 10 ms of work each           Little: mean number inside")
    print("busy    formula   measured    p99, ms       counted   rate x time")
    for percent in (50, 70, 80, 90, 95, 99):
        arrivals = arrivals_at(percent, gaps)
        leaves = serve(arrivals, work)
        took = times(arrivals, leaves)
        rate = len(arrivals) / arrivals[-1]
        print(
            f"{percent:>3} %{ms(formula(percent)):>10}{ms(mean(took)):>11}"
            f"{p99(took) // 1000:>11}{mean_inside(arrivals, leaves):>14.1f}"
            f"{rate * mean(took):>14.1f}"
        )


def workers(gaps: Sequence[int], work: Sequence[int]) -> None:
    print("\nWorkers on one queue, each 90 % busy; ms")
    print("workers   formula   measured   p99")
    for number in (1, 2, 4, 16):
        arrivals = arrivals_at(90 * number, gaps)
        took = times(arrivals, serve(arrivals, work, number))
        print(
            f"{number:>7}{ms(formula(90, number)):>10}{ms(mean(took)):>11}"
            f"{p99(took) // 1000:>6}"
        )


def what_to_add(gaps: Sequence[int], work: Sequence[int], queries: list[int]) -> None:
    """Each request needs an application worker, then the database."""
    print("\n95 requests a second through 2 application workers and 1 database; ms")
    print("change                     app busy  database busy     mean    p99")
    arrivals = arrivals_at(95, gaps)
    choice = Lcg(3)
    draws = [choice.next() * 100 >> 31 for _ in arrivals]
    for label, app, databases, hits in (
        ("nothing", 2, 1, 0),
        ("4 application workers", 4, 1, 0),
        ("a read replica", 2, 2, 0),
        ("a cache, 30 % hits", 2, 1, 30),
        ("a cache, 60 % hits", 2, 1, 60),
    ):
        leaves = serve(arrivals, work, app)
        order = sorted(range(len(leaves)), key=leaves.__getitem__)
        misses = [n for n in order if draws[n] >= hits]
        needs = [queries[n] for n in misses]
        answers = serve([leaves[n] for n in misses], needs, databases)
        for n, answered in zip(misses, answers, strict=True):
            leaves[n] = answered
        took = times(arrivals, leaves)
        busy = sum(work) * 100 // (arrivals[-1] * app)
        database = sum(needs) * 100 // (arrivals[-1] * databases)
        print(
            f"{label:<24}{busy:>9} %{database:>13} %{ms(mean(took)):>9}"
            f"{p99(took) // 1000:>7}"
        )


def overload(gaps: Sequence[int], work: Sequence[int]) -> None:
    print("\nOne worker, 110 requests a second for 60 s, then 90 a second")
    print("           no bound                      room for 20")
    print("second   inside  to work off, s   inside  to work off, s  refused so far")
    arrivals, now = [], 0
    for gap in gaps[:30_000]:
        now += gap // (110 if now < 60_000_000 else 90)
        arrivals.append(now)
    needs = work[: len(arrivals)]
    endless, limited = serve(arrivals, needs), bounded(arrivals, needs, 20)
    for second in (10, 30, 60, 90, 120, 180):
        now = second * 1_000_000
        seen = sum(1 for at in arrivals if at <= now)
        cells = []
        for leaves in (endless, limited):
            inside = sum(1 for left in leaves[:seen] if left > now)
            last = max(leaves[:seen])
            cells.append(f"{inside:>9}{max(0, last - now) / 1_000_000:>17.1f}")
        print(f"{second:>6}{''.join(cells)}{limited[:seen].count(0):>16}")


def main() -> None:
    random = Lcg(2026)
    gaps = [random.exponential(1_000_000) for _ in range(REQUESTS)]
    work = [random.exponential(SERVICE) for _ in range(REQUESTS)]
    queries = [random.exponential(SERVICE) for _ in range(REQUESTS)]
    utilization(gaps, work)
    workers(gaps, work)
    what_to_add(gaps, work, queries)
    overload(gaps, work)


if __name__ == "__main__":
    main()
