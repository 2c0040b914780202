"""Lamport, vector and hybrid logical clocks on one trace of three nodes."""

from dataclasses import dataclass, field
from itertools import combinations
from typing import NamedTuple

NODES = "ABC"


# --8<-- [start:show]
class Stamp(NamedTuple):
    lamport: int
    vector: tuple[int, ...]


@dataclass
class Node:
    """Counts its own events and takes over what a message knows."""

    index: int
    lamport: int = 0
    vector: list[int] = field(default_factory=lambda: [0] * len(NODES))

    def event(self, message: Stamp | None = None) -> Stamp:
        if message:  # a receive
            self.lamport = max(self.lamport, message.lamport)
            pairs = zip(self.vector, message.vector, strict=True)
            self.vector = [max(pair) for pair in pairs]
        self.lamport += 1
        self.vector[self.index] += 1
        return Stamp(self.lamport, tuple(self.vector))


def compare(a: tuple[int, ...], b: tuple[int, ...]) -> str:
    less = any(x < y for x, y in zip(a, b, strict=True))
    more = any(x > y for x, y in zip(a, b, strict=True))
    if less and more:
        return "concurrent"
    return "before" if less else "after" if more else "same"


Hybrid = tuple[int, int]  # time, counter


@dataclass
class HybridClock:
    """Wall time while that moves forward, else the latest stamp seen plus one."""

    skew: int
    limit: int
    latest: Hybrid = (0, 0)

    def stamp(self, true_time: int, seen: Hybrid = (0, 0)) -> Hybrid:
        wall = true_time + self.skew
        if seen[0] - wall > self.limit:
            raise ValueError(f"{seen[0] - wall} ms ahead")
        time, count = max(self.latest, seen)
        self.latest = (wall, 0) if wall > time else (time, count + 1)
        return self.latest


# --8<-- [end:show]

# Event, what happens, and for a receive the event that sent the message.
TRACE = [
    ("a1", "price 10", ""),
    ("b1", "logs in", ""),
    ("a2", "sends m1", ""),
    ("b2", "receives m1", "a2"),
    ("c1", "price 12", ""),
    ("a3", "price 11", ""),
    ("b3", "sends m2", ""),
    ("c2", "receives m2", "b3"),
    ("c3", "sends m3", ""),
    ("a4", "receives m3", "c3"),
]


def reachable() -> set[tuple[str, str]]:
    """What really can have influenced what: paths along nodes and messages."""
    before: dict[str, set[str]] = {}
    last: dict[str, str] = {}
    for name, _, cause in TRACE:
        causes = [c for c in (last.get(name[0], ""), cause) if c]
        before[name] = set(causes).union(*(before[c] for c in causes))
        last[name[0]] = name
    return {(early, late) for late, all_early in before.items() for early in all_early}


def trace() -> None:
    nodes = {name.lower(): Node(i) for i, name in enumerate(NODES)}
    stamps: dict[str, Stamp] = {}
    print("event  what         Lamport  vector")
    for name, what, cause in TRACE:
        stamps[name] = nodes[name[0]].event(stamps.get(cause))
        lamport, vector = stamps[name]
        print(f"{name}     {what:<12} {lamport:>7}  {' '.join(map(str, vector))}")

    truth = reachable()
    right = ordered = concurrent = misled = 0
    for a, b in combinations(stamps, 2):
        verdict = compare(stamps[a].vector, stamps[b].vector)
        is_before, is_after = (a, b) in truth, (b, a) in truth
        right += (verdict == "before") == is_before and (verdict == "after") == is_after
        ordered += verdict != "concurrent"
        concurrent += verdict == "concurrent"
        misled += verdict == "concurrent" and stamps[a].lamport != stamps[b].lamport
    print(f"45 pairs: {ordered} ordered, {concurrent} concurrent")
    print(f"vector verdict equals reachability: {right} of 45")
    print(f"Lamport puts an order on {misled} of the {concurrent} concurrent pairs")
    for a, b in (("a1", "c3"), ("c1", "a3")):
        print(
            f"{a} {b}: Lamport {stamps[a].lamport} < {stamps[b].lamport},"
            f" vector says {compare(stamps[a].vector, stamps[b].vector)}"
        )


def winner(*writes: tuple[Hybrid, str]) -> str:
    return max(writes)[1]


def last_write_wins() -> None:
    print("\nA's clock is 3000 ms fast; A writes Bergen at 1000, B Oslo at 2000")
    kept = winner(((1000 + 3000, 0), "Bergen"), ((2000, 0), "Oslo"))
    print(f"wall clock                  A 4000    B 2000    kept: {kept}")
    for title, has_seen in (("B had seen A 4000+0", True), ("B had not", False)):
        a, b = HybridClock(3000, 5000), HybridClock(0, 5000)
        first = a.stamp(1000)
        second = b.stamp(2000, first) if has_seen else b.stamp(2000)
        kept = winner((first, "Bergen"), (second, "Oslo"))
        stamps = "  ".join(
            f"{name} {time}+{count}"
            for name, (time, count) in zip("AB", (first, second), strict=True)
        )
        print(f"hybrid, {title:<20}{stamps}  kept: {kept}")
        if has_seen:
            time, count = b.stamp(4500)
            print(f"  B writes again at 4500: {time}+{count}")
    try:
        HybridClock(0, 500).stamp(2000, (4000, 0))
    except ValueError as error:
        print(f"hybrid, limit 500 ms: B refuses A's stamp, {error}")


def main() -> None:
    trace()
    last_write_wins()


if __name__ == "__main__":
    main()
