"""A load test in virtual time: what the generator measures depends on its clock."""

RUN_MS = 60_000
LONG_MS = 600_000
STALL = (30_000, 32_000)
NO_STALL = (0, 0)
BOUNDS = [8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096]


class Lcg:
    """The same small generator in every language."""

    def __init__(self, seed: int) -> None:
        self.state = seed

    def below(self, n: int) -> int:
        self.state = (self.state * 1103515245 + 12345) % 2**31
        return (self.state >> 8) % n


# --8<-- [start:show]
class Server:
    """Handles one request at a time, 5 to 15 ms each, nothing during the stall."""

    def __init__(self, stall: tuple[int, int], seed: int) -> None:
        self.stall, self.random, self.free_at = stall, Lcg(seed), 0

    def handle(self, sent: int) -> int:
        """When the answer to a request sent at that time is ready."""
        begin = max(sent, self.free_at)
        if self.stall[0] <= begin < self.stall[1]:
            begin = self.stall[1]
        self.free_at = begin + 5 + self.random.below(11)
        return self.free_at


def closed_loop(server: Server, think: int) -> list[int]:
    """One user: the next request waits for the answer to the last one."""
    latencies, now = [], 0
    while now < RUN_MS:
        done = server.handle(now)
        latencies.append(done - now)
        now = done + think
    return latencies


def open_model(server: Server, rate: int, run_ms: int) -> tuple[list[int], list[int]]:
    """Requests come when they come; timed from the arrival and from the send."""
    arrivals, due, sent = Lcg(7), [], []
    last_done = 0
    for now in range(run_ms):
        if arrivals.below(1000) < rate:
            send = max(now, last_done)  # one connection: busy until the last answer
            last_done = server.handle(now)
            due.append(last_done - now)
            sent.append(last_done - send)
    return due, sent


def back_fill(latencies: list[int], interval: int) -> list[int]:
    """Add the requests that the waiting generator should have sent meanwhile."""
    return [
        v
        for first in latencies
        for v in [first, *range(first - interval, 0, -interval)]
    ]


# --8<-- [end:show]


def percentile(values: list[int], p: int) -> int:
    """Nearest rank: the smallest value that p percent do not exceed."""
    return sorted(values)[-(-len(values) * p // 100) - 1]


def buckets(values: list[int]) -> list[int]:
    counts = [0] * len(BOUNDS)
    for v in values:
        counts[next(i for i, bound in enumerate(BOUNDS) if v <= bound)] += 1
    return counts


def from_buckets(counts: list[int], p: int) -> int:
    """Histograms answer with the upper bound of a bucket."""
    rank, seen = -(-sum(counts) * p // 100), 0
    for bound, count in zip(BOUNDS, counts, strict=True):
        seen += count
        if seen >= rank:
            return bound
    return BOUNDS[-1]


def row(name: str, values: list[int]) -> None:
    p50, p95, p99 = (percentile(values, p) for p in (50, 95, 99))
    print(f"{name:<42}{len(values):>6}{p50:>6}{p95:>6}{p99:>6}{max(values):>6}")


def main() -> None:
    print("60 s against a server of 10 ms a request that stalls once for 2000 ms")
    print(f"{'latency in ms':<42}{'sent':>6}{'p50':>6}{'p95':>6}{'p99':>6}{'max':>6}")
    closed = closed_loop(Server(STALL, 1), 10)
    due, sent = open_model(Server(STALL, 1), 50, RUN_MS)
    healthy, _ = open_model(Server(NO_STALL, 2), 50, RUN_MS)
    row("closed loop, timed from the send", closed)
    row("  the same, back-filled every 20 ms", back_fill(closed, 20))
    row("open arrivals on one connection, from send", sent)
    row("  the same, from when each was due", due)

    print()
    print(f"{'up to ms':<14}" + "".join(f"{b:>6}" for b in BOUNDS))
    print(f"{'closed loop':<14}" + "".join(f"{c:>6}" for c in buckets(closed)))
    print(f"{'open model':<14}" + "".join(f"{c:>6}" for c in buckets(due)))
    a, b = buckets(due), buckets(healthy)
    both = [x + y for x, y in zip(a, b, strict=True)]
    p95_a, p95_b = percentile(due, 95), percentile(healthy, 95)
    print(
        f"p95 of two instances: {p95_a} and {p95_b}, mean {(p95_a + p95_b) // 2},",
        end="",
    )
    print(f" of all requests {percentile(due + healthy, 95)},", end="")
    print(f" by buckets {from_buckets(both, 95)}")

    print()
    print("offered/s   done/s   p50   p99   (600 s, no stall)")
    for rate in (20, 40, 60, 80, 90, 95, 110):
        server = Server(NO_STALL, 3)
        values, _ = open_model(server, rate, LONG_MS)
        done = min(len(values), len(values) * LONG_MS // server.free_at)
        p50, p99 = percentile(values, 50), percentile(values, 99)
        print(f"{rate:>9}{done * 1000 // LONG_MS:>9}{p50:>6}{p99:>6}")


if __name__ == "__main__":
    main()
