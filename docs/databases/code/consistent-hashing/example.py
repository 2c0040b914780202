"""Which node keeps a key: modulo, a hash ring, rendezvous hashing."""

import hashlib
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Sequence

Place = Callable[[str], str]
Placement = dict[str, str]


# --8<-- [start:show]
def position(text: str) -> int:
    """One of 2**48 positions, the same in every process and language.

    Python's own hash() of a string differs from one process to the next.
    """
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:6], "big")


class Ring:
    """Immutable: when nodes come or go, make a new one and swap it in."""

    def __init__(self, nodes: Sequence[str], points_per_node: int) -> None:
        if not nodes or points_per_node < 1:
            raise ValueError("a ring needs nodes, a node needs points")
        self._points = sorted(
            (position(f"{node}#{point}"), node)
            for node in nodes
            for point in range(points_per_node)
        )

    def node_for(self, key: str) -> str:
        """The node of the first point at the key's position or after it."""
        index = bisect_left(self._points, (position(key), ""))
        return self._points[index % len(self._points)][1]  # after the last, the first


def rendezvous(nodes: Sequence[str], key: str) -> str:
    """The node that draws the highest number for this key."""
    return max(nodes, key=lambda node: position(f"{node}#{key}"))


def modulo(nodes: Sequence[str], key: str) -> str:
    return nodes[position(key) % len(nodes)]


# --8<-- [end:show]

KEYS = [f"user:{number}" for number in range(10_000)]
FOUR = ("a", "b", "c", "d")
FIVE = ("a", "b", "c", "d", "e")
WITHOUT_C = ("a", "b", "d", "e")


def by_modulo(nodes: Sequence[str]) -> Place:
    return lambda key: modulo(nodes, key)


def by_ring(points: int) -> Callable[[Sequence[str]], Place]:
    return lambda nodes: Ring(nodes, points).node_for


def by_rendezvous(nodes: Sequence[str]) -> Place:
    return lambda key: rendezvous(nodes, key)


METHODS: dict[str, Callable[[Sequence[str]], Place]] = {
    "modulo": by_modulo,
    "ring, 1 point a node": by_ring(1),
    "ring, 10 points": by_ring(10),
    "ring, 100 points": by_ring(100),
    "ring, 1,000 points": by_ring(1000),
    "rendezvous": by_rendezvous,
}


def moves(before: Placement, after: Placement) -> Counter[tuple[str, str]]:
    """How many keys went from which node to which."""
    pairs = ((before[key], after[key]) for key in KEYS)
    return Counter((old, new) for old, new in pairs if old != new)


def main() -> None:
    four, five, without_c = (
        {
            label: dict(zip(KEYS, map(method(nodes), KEYS), strict=True))
            for label, method in METHODS.items()
        }
        for nodes in (FOUR, FIVE, WITHOUT_C)
    )

    print("10,000 keys on nodes a, b, c, d; e joins")
    print("                      moved  of these not to e")
    for label in METHODS:
        joining = moves(four[label], five[label])
        strays = sum(n for (_, new), n in joining.items() if new != "e")
        print(f"{label:<22}{joining.total():>5}{strays:>19}")

    print("\nkeys per node            a     b     c     d     e  largest / mean")
    for label in METHODS:
        load = Counter(five[label].values())
        cells = "".join(f"{load[node]:>6}" for node in FIVE)
        percent = max(load.values()) * len(FIVE) * 100 // len(KEYS)
        print(f"{label:<20}{cells}{percent:>14} %")

    print("\nc leaves              moved  of these not from c  most of c's to one node")
    for label in METHODS:
        leaving = moves(five[label], without_c[label])
        strays = sum(n for (old, _), n in leaving.items() if old != "c")
        most = max(n for (old, _), n in leaving.items() if old == "c")
        print(f"{label:<22}{leaving.total():>5}{strays:>21}{most:>25}")


if __name__ == "__main__":
    main()
