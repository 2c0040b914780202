"""Counter, gauge and histogram by hand; p99 of two instances, right and wrong."""

import re
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable
from contextlib import suppress
from itertools import accumulate
from threading import Lock

BOUNDS = [50, 100, 200, 300, 500, 1000]  # ms; the last bucket has no upper bound
LE = ["0.05", "0.1", "0.2", "0.3", "0.5", "1.0", "+Inf"]
ROUTES = {"/orders/{id}": re.compile(r"/orders/[0-9]+")}
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}


def template(path: str) -> str:
    matches = (name for name, shape in ROUTES.items() if shape.fullmatch(path))
    return next(matches, "unmatched")


def as_path(path: str) -> str:
    return path


# --8<-- [start:show]
class Histogram:
    def __init__(self) -> None:
        self.counts = [0] * (len(BOUNDS) + 1)
        self.sum = 0

    def observe(self, ms: int) -> None:
        self.counts[bisect_left(BOUNDS, ms)] += 1  # le: less than or equal
        self.sum += ms

    def cumulative(self) -> list[int]:
        return list(accumulate(self.counts))


class Service:
    def __init__(self, clock: Callable[[], int], label: Callable[[str], str]) -> None:
        self.clock, self.label, self.lock = clock, label, Lock()
        self.requests: Counter[tuple[str, str, int]] = Counter()
        self.in_flight = 0
        self.durations: dict[str, Histogram] = defaultdict(Histogram)

    def handle(self, method: str, path: str, work: Callable[[], int]) -> int:
        name = method if method in METHODS else "_OTHER"
        route, start, code = self.label(path), self.clock(), 500
        with self.lock:
            self.in_flight += 1
        try:
            code = work()
            return code
        finally:  # also when the handler raised: that is the 500 to count
            with self.lock:
                self.in_flight -= 1
                self.requests[name, route, code] += 1
                self.durations[route].observe(self.clock() - start)


def quantile(q: float, cumulative: list[int]) -> float:
    rank = q * cumulative[-1]
    bucket = bisect_left(cumulative, rank)
    if bucket == len(BOUNDS):
        return BOUNDS[-1]  # beyond the last bound nothing is known
    low = BOUNDS[bucket - 1] if bucket else 0
    below = cumulative[bucket - 1] if bucket else 0
    inside = cumulative[bucket] - below
    return low + (BOUNDS[bucket] - low) * (rank - below) / inside


# --8<-- [end:show]


def expose(service: Service) -> list[str]:
    lines = ["# TYPE http_requests_total counter"]
    for (method, route, code), n in sorted(service.requests.items()):
        labels = f'method="{method}",route="{route}",code="{code}"'
        lines.append(f"http_requests_total{{{labels}}} {n}")
    lines.append("# TYPE http_requests_in_flight gauge")
    lines.append(f"http_requests_in_flight {service.in_flight}")
    name = "http_request_duration_seconds"
    lines.append(f"# TYPE {name} histogram")
    for route, h in sorted(service.durations.items()):
        for le, n in zip(LE, h.cumulative(), strict=True):
            lines.append(f'{name}_bucket{{route="{route}",le="{le}"}} {n}')
        seconds = f"{h.sum // 1000}.{h.sum % 1000:03d}"
        lines.append(f'{name}_sum{{route="{route}"}} {seconds}')
        lines.append(f'{name}_count{{route="{route}"}} {sum(h.counts)}')
    return lines


class World:
    """A virtual clock, and latencies from a small generator."""

    def __init__(self) -> None:
        self.now, self.x, self.seen = 0, 7, []

    def clock(self) -> int:
        return self.now

    def draw(self, low: int, high: int) -> int:
        self.x = (self.x * 1103515245 + 12345) % 2**31
        return low + (self.x >> 16) % (high - low)

    def request(self, service: Service, number: int, cold: bool) -> None:
        ms = self.draw(200, 1000) if cold else self.draw(20, 100)

        def work() -> int:
            self.now += ms
            if number % 100 == 99:
                raise ConnectionError("database gone")
            return 200

        with suppress(ConnectionError):  # the framework would answer 500 here
            service.handle("GET", f"/orders/{number}", work)
        self.seen.append(ms)


def run(label: Callable[[str], str], warm: int, cold: int) -> tuple[World, Service]:
    world = World()
    service = Service(world.clock, label)
    for n in range(warm + cold):
        world.request(service, n, cold=n >= warm)
    return world, service


def p99(values: list[int]) -> int:
    return sorted(values)[-(-len(values) * 99 // 100) - 1]


def main() -> None:
    _, service = run(template, 900, 100)
    service.handle("BREW", "/.env", lambda: 404)
    print("\n".join(line for line in expose(service) if "unmatched" not in line))
    samples = [line for line in expose(service) if not line.startswith("#")]
    _, by_path = run(as_path, 900, 100)
    many = [line for line in expose(by_path) if not line.startswith("#")]
    print(f"\nseries by route: {len(samples)}, by path: {len(many)}\n")
    print("p99 in ms            A     B   mean of both   from summed buckets   exact")
    for warm, cold in ((5000, 5000), (9950, 50)):
        world_a, a = run(template, warm, 0)
        world_b, b = run(template, 0, cold)
        buckets = [s.durations["/orders/{id}"].cumulative() for s in (a, b)]
        pa, pb = (quantile(0.99, c) for c in buckets)
        both = quantile(0.99, [x + y for x, y in zip(*buckets, strict=True)])
        exact = p99(world_a.seen + world_b.seen)
        print(
            f"A {warm}, B {cold:<5} {pa:9.0f} {pb:5.0f} {(pa + pb) / 2:14.0f}"
            f" {both:21.0f} {exact:7d}"
        )
    same = Histogram()
    for _ in range(1000):
        same.observe(310)
    guess = quantile(0.99, same.cumulative())
    print(f"1000 requests of 310 ms: p99 from buckets {guess:.0f}, exact 310")


if __name__ == "__main__":
    main()
