"""A sampling profiler on a virtual clock, pointed at a slow endpoint."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

PERIOD_US = 997  # prime, so that sampling does not march in step with the work
ORDERS = list(range(200))  # order i belongs to customer i % 50
REFUNDS = [(n * 7 % 200, n) for n in range(400)]  # order, cents


# --8<-- [start:show]
class Profiler:
    """Notes the current stack each time a period of its clock has passed."""

    def __init__(self) -> None:
        self.stack: list[str] = []
        self.now = self.cpu_time = self.queries = 0
        self.wall: Counter[str] = Counter()
        self.on_cpu: Counter[str] = Counter()

    @contextmanager
    def frame(self, name: str) -> Iterator[None]:
        self.stack.append(name)
        try:
            yield
        finally:
            self.stack.pop()

    def work(self, us: int) -> None:
        """The thread runs: both clocks advance."""
        self.sample(self.on_cpu, self.cpu_time, us)
        self.cpu_time += us
        self.wait(us)

    def wait(self, us: int) -> None:
        """The thread sleeps until an answer arrives: only the wall clock advances."""
        self.sample(self.wall, self.now, us)
        self.now += us

    def sample(self, into: Counter[str], clock: int, us: int) -> None:
        ticks = (clock + us) // PERIOD_US - clock // PERIOD_US
        if ticks:
            into[";".join(self.stack)] += ticks


def hottest(samples: Counter[str]) -> str:
    """The folded stack with most samples, and its share."""
    stack, count = min(samples.items(), key=lambda item: (-item[1], item[0]))
    return f"{count * 100 // samples.total()}% {stack.partition(';')[2]}"


# --8<-- [end:show]


def query(p: Profiler, rows: int) -> None:
    """A round trip of 1 ms and 5 us for each row to decode."""
    p.queries += 1
    with p.frame("db_wait"):
        p.wait(1000)
    with p.frame("decode"):
        p.work(5 * rows)


def names_one_by_one(p: Profiler) -> dict[int, str]:
    names = {}
    for order in ORDERS:
        query(p, 1)
        names[order] = f"customer {order % 50}"
    return names


def names_in_one_query(p: Profiler) -> dict[int, str]:
    query(p, 50)
    return {order: f"customer {order % 50}" for order in ORDERS}


def refunds_by_search(p: Profiler) -> dict[int, int]:
    """For every order through all refunds: 200 times 400 comparisons."""
    sums = {}
    for order in ORDERS:
        p.work(len(REFUNDS))
        sums[order] = sum(cents for of, cents in REFUNDS if of == order)
    return sums


def refunds_by_index(p: Profiler) -> dict[int, int]:
    """Through the refunds once."""
    sums = dict.fromkeys(ORDERS, 0)
    for of, cents in REFUNDS:
        p.work(2)
        sums[of] += cents
    return sums


def endpoint(p: Profiler, load_names, match_refunds) -> list[str]:
    with p.frame("GET_orders"):
        with p.frame("load_orders"):
            query(p, len(ORDERS))
        with p.frame("load_names"):
            names = load_names(p)
        with p.frame("match_refunds"):
            refunds = match_refunds(p)
        lines = []
        with p.frame("render"):
            for order in ORDERS:
                p.work(45)
                lines.append(f"{order} {names[order]} {refunds[order]}")
    return lines


def main() -> None:
    versions = [
        ("before", names_one_by_one, refunds_by_search),
        ("CPU's hottest fixed", names_one_by_one, refunds_by_index),
        ("wall's hottest fixed", names_in_one_query, refunds_by_search),
        ("both fixed", names_in_one_query, refunds_by_index),
    ]
    answers, profiles = [], []
    for _, load_names, match_refunds in versions:
        profiles.append(Profiler())
        answers.append(endpoint(profiles[-1], load_names, match_refunds))

    print("folded stacks of the first version, wall clock:")
    for stack, count in sorted(profiles[0].wall.items()):
        print(f"{stack} {count}")
    print("the same run, on CPU only:")
    for stack, count in sorted(profiles[0].on_cpu.items()):
        print(f"{stack} {count}")

    print()
    print("version                queries  wall ms  cpu ms  hottest by wall clock")
    for (name, _, _), p in zip(versions, profiles, strict=True):
        wall, cpu = p.now // 1000, p.cpu_time // 1000
        print(f"{name:<22}{p.queries:>8}{wall:>9}{cpu:>8}  {hottest(p.wall)}")
    same = all(answer == answers[0] for answer in answers)
    print(f"same answer: {'yes' if same else 'no'}")


if __name__ == "__main__":
    main()
