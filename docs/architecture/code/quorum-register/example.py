"""A replicated register: refuse or diverge, and what R+W>N does not promise."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

NODES = "ABCDE"


# --8<-- [start:show]
class Version(NamedTuple):
    value: str
    node: str  # the replica that accepted the write ...
    number: int  # ... and its count: together a dot, unique for ever
    seen: dict[str, int]  # version vector: what the writer had read


def replaces(new: Version, old: Version) -> bool:
    return new.seen.get(old.node, 0) >= old.number


def merge(versions: Iterable[Version]) -> list[Version]:
    """Drops what another version replaces. More than one left: siblings."""
    unique = {(v.node, v.number): v for v in versions}
    every = [unique[dot] for dot in sorted(unique)]
    return [v for v in every if not any(replaces(other, v) for other in every)]


class RefusedError(Exception):
    pass


class Cluster:
    def __init__(self, needed: int, sides: list[str]) -> None:
        self.needed = needed  # replicas to reach: a majority, or just one
        self.sides = sides
        self.stored: dict[str, list[Version]] = defaultdict(list)
        self.count: Counter[str] = Counter()

    def reach(self, node: str) -> str:
        side = next(side for side in self.sides if node in side)
        if len(side) < self.needed:
            raise RefusedError(f"reaches {len(side)} of 5, needs {self.needed}")
        return side

    def read(self, node: str) -> list[Version]:
        side = self.reach(node)
        found = merge(v for replica in side for v in self.stored[replica])
        for replica in side:  # read repair
            self.stored[replica] = found
        return found

    def write(self, node: str, value: str, read: Sequence[Version]) -> None:
        side = self.reach(node)
        seen: dict[str, int] = {}
        for version in read:
            known = {**version.seen, version.node: version.number}
            for name, number in known.items():
                seen[name] = max(seen.get(name, 0), number)
        self.count[node] += 1
        new = Version(value, node, self.count[node], seen)
        sent = merge([*self.stored[node], new])  # with siblings: no gaps in dots
        for replica in side:
            self.stored[replica] = merge([*self.stored[replica], *sent])


# --8<-- [end:show]


@dataclass(frozen=True)
class Operation:
    process: str
    start: int
    end: int
    kind: str
    value: str


def real_time(a: Operation, b: Operation) -> bool:
    return a.end < b.start


def program_order(a: Operation, b: Operation) -> bool:
    return a.process == b.process and a.end < b.start


# --8<-- [start:check]
def explains(
    history: list[Operation],
    must_precede: Callable[[Operation, Operation], bool],
    value: str,
) -> bool:
    """Is there an order in which one register gives exactly these answers?"""
    if not history:
        return True
    for first in history:
        rest = [operation for operation in history if operation is not first]
        if any(must_precede(other, first) for other in rest):
            continue
        if first.kind == "read" and first.value != value:
            continue
        if explains(rest, must_precede, first.value):
            return True
    return False


# --8<-- [end:check]


def show(versions: Sequence[Version]) -> str:
    return " | ".join(f"{v.value} ({v.node}{v.number})" for v in versions) or "nothing"


def attempt(title: str, action: Callable[[], str]) -> None:
    try:
        outcome = action()
    except RefusedError as refusal:
        outcome = f"refused: {refusal}"
    print(f"{title:<22} {outcome}")


def partition(needed: int, title: str) -> None:
    print(title)
    cluster = Cluster(needed, [NODES])
    cluster.write("A", "pen", [])
    start = cluster.read("E")
    cluster.sides = ["ABC", "DE"]

    def write(node: str, value: str, read: Sequence[Version]) -> str:
        cluster.write(node, value, read)
        return "ok"

    attempt("A writes pen+book", lambda: write("A", "pen+book", start))
    attempt("D writes pen+mug", lambda: write("D", "pen+mug", start))
    attempt("B reads", lambda: show(cluster.read("B")))
    attempt("E reads", lambda: show(cluster.read("E")))
    cluster.sides = [NODES]
    found = cluster.read("C")
    attempt("healed, C reads", lambda: show(found))
    if len(found) > 1:
        attempt("C writes both, merged", lambda: write("C", "pen+book+mug", found))
        attempt("E reads", lambda: show(cluster.read("E")))


def quorum(write_back: bool) -> list[Operation]:
    """N=3, W=2, R=2. The write has reached one replica when the reads come."""
    replicas = [(1, "new"), (0, "old"), (0, "old")]  # number, value
    history = [Operation("writer", 0, 100, "write", "new")]
    for reader, start, asked in (("Ann", 10, (0, 1)), ("Bob", 30, (1, 2))):
        newest = max(replicas[i] for i in asked)
        if write_back:
            for i in asked:
                replicas[i] = newest
        history.append(Operation(reader, start, start + 10, "read", newest[1]))
    return history


def judge(title: str, history: list[Operation]) -> None:
    first, second = (o.value for o in history[1:])
    verdicts = [
        "yes" if explains(history, order, "old") else "no"
        for order in (real_time, program_order)
    ]
    print(f"{title:<30} {first:>5} {second:>6} {verdicts[0]:>13} {verdicts[1]:>11}")


def main() -> None:
    partition(3, "majority of 5 needed; partition A B C, D E")
    partition(1, "\none replica is enough; same partition")
    print("\nN=3 R=2 W=2, write in progress    Ann    Bob  linearizable  sequential")
    plain = quorum(write_back=False)
    judge("newest of two", plain)
    judge("newest of two, written back", quorum(write_back=True))
    alone = [plain[0], *(replace(read, process="Ann") for read in plain[1:])]
    judge("newest of two, Ann reads twice", alone)


if __name__ == "__main__":
    main()
