"""Who gets the next request: balancing policies in virtual time, one slow server."""

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from zlib import crc32

NAMES = "abcde"
MEAN = 10_000  # microseconds of work, on average
GAP = 3_333  # microseconds between arrivals, on average: 300 a second
REQUESTS = 12_000  # 40 seconds


class Lcg:
    """The same numbers in every language."""

    def __init__(self, seed: int) -> None:
        self._x = seed

    def next(self) -> int:
        self._x = (self._x * 1_103_515_245 + 12_345) % 2**31
        return self._x

    def below(self, n: int) -> int:
        return self.next() * n >> 31  # the high bits: the low ones repeat soon

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


@dataclass
class Pool:
    """What the balancer knows of its servers, a to e."""

    random: Lcg
    weights: tuple[int, ...] = (4, 4, 4, 4, 1)
    seen: list[int] = field(default_factory=lambda: [0] * 5)  # in flight
    latency: list[int] = field(default_factory=lambda: [MEAN] * 5)
    credit: list[int] = field(default_factory=lambda: [0] * 5)
    turn: int = -1


Policy = Callable[[Pool, str], int]


def round_robin(pool: Pool, client: str) -> int:
    pool.turn = (pool.turn + 1) % 5
    return pool.turn


def at_random(pool: Pool, client: str) -> int:
    return pool.random.below(5)


def client_hash(pool: Pool, client: str) -> int:
    return crc32(client.encode()) % 5


# --8<-- [start:show]
def weighted(pool: Pool, client: str) -> int:
    """Smooth: all gain their weight, the richest is chosen and pays the sum."""
    for server, weight in enumerate(pool.weights):
        pool.credit[server] += weight
    chosen = max(range(5), key=lambda server: pool.credit[server])
    pool.credit[chosen] -= sum(pool.weights)
    return chosen


def least_requests(pool: Pool, client: str) -> int:
    """The fewest in flight; ties go to the next in turn, not always to a."""
    order = [(pool.turn + 1 + step) % 5 for step in range(5)]
    pool.turn = min(order, key=lambda server: pool.seen[server])
    return pool.turn


def two_choices(pool: Pool, client: str) -> int:
    first, second = pair(pool)
    return second if pool.seen[second] < pool.seen[first] else first


def ewma(pool: Pool, client: str) -> int:
    """Of two, the smaller recent latency times the requests it would have."""
    first, second = pair(pool)
    cost = [took * (n + 1) for took, n in zip(pool.latency, pool.seen, strict=True)]
    return second if cost[second] < cost[first] else first


def pair(pool: Pool) -> tuple[int, int]:
    first, second = pool.random.below(5), pool.random.below(4)
    return first, second + (second >= first)


# --8<-- [end:show]


@dataclass
class Result:
    p50: int
    p99: int
    sent: list[int]
    longest: list[int]


def trace() -> list[tuple[int, str, int]]:
    """Arrival, client, work: the same for every policy. One client is an office."""
    random, now, requests = Lcg(2026), 0, []
    for _ in range(REQUESTS):
        now += random.exponential(GAP)
        office = random.below(100) < 15
        client = "office" if office else f"client-{random.below(400)}"
        requests.append((now, client, random.exponential(MEAN)))
    return requests


def simulate(policy: Policy, percent: int, refresh: int = 0) -> Result:
    """Server e needs so many percent of the usual time; 0: it fails after 1 ms."""
    pool = Pool(Lcg(7))
    in_flight, free_at = [0] * 5, [0] * 5
    sent, longest = [0] * 5, [0] * 5
    done: list[tuple[int, int, int]] = []  # when, server, arrived
    took: list[int] = []
    refreshed = 0
    for now, client, work in REQUESTS_TRACE:
        while done and done[0][0] <= now:
            end, server, arrived = heapq.heappop(done)
            in_flight[server] -= 1
            pool.latency[server] = (pool.latency[server] * 7 + end - arrived) // 8
        if now >= refreshed:
            pool.seen[:] = in_flight
            refreshed = now + refresh
        chosen = policy(pool, client)
        if chosen == 4:
            work = work * percent // 100 if percent else 1_000
        free_at[chosen] = max(now, free_at[chosen]) + work
        heapq.heappush(done, (free_at[chosen], chosen, now))
        in_flight[chosen] += 1
        sent[chosen] += 1
        longest[chosen] = max(longest[chosen], in_flight[chosen])
        took.append(free_at[chosen] - now)
    took.sort()
    return Result(took[REQUESTS // 2], took[REQUESTS * 99 // 100], sent, longest)


REQUESTS_TRACE = trace()
POLICIES: dict[str, Policy] = {
    "round robin": round_robin,
    "weighted 4:4:4:4:1": weighted,
    "random": at_random,
    "client hash": client_hash,
    "least requests": least_requests,
    "two choices": two_choices,
    "two choices, EWMA": ewma,
}


def main() -> None:
    print("300 requests a second for 40 s; a to d need 10 ms on average")
    print("                   e needs 10 ms   e needs 40 ms        longest queue")
    print("policy (ms)           p50    p99      p50    p99  to e   a to d     e")
    for name, policy in POLICIES.items():
        equal, slow = simulate(policy, 100), simulate(policy, 400)
        print(
            f"{name:<20}{equal.p50 // 1000:>5}{equal.p99 // 1000:>7}"
            f"{slow.p50 // 1000:>9}{slow.p99 // 1000:>7}"
            f"{slow.sent[4] * 100 // REQUESTS:>4} %"
            f"{max(slow.longest[:4]):>9}{slow.longest[4]:>6}"
        )

    print("\nall five equal, but the counts in flight are read only every so often")
    print("p99 in ms             always  20 ms  100 ms  500 ms")
    for name in ("least requests", "two choices", "random"):
        cells = [
            simulate(POLICIES[name], 100, ms * 1000).p99 // 1000
            for ms in (0, 20, 100, 500)
        ]
        print(f"{name:<20}{cells[0]:>8}{cells[1]:>7}{cells[2]:>8}{cells[3]:>8}")

    print("\ne answers 500 after 1 ms: share of all requests that fail")
    for name in ("round robin", "least requests", "two choices", "two choices, EWMA"):
        failed = simulate(POLICIES[name], 0).sent[4]
        print(f"{name:<20}{failed * 100 // REQUESTS:>5} %")


if __name__ == "__main__":
    main()
