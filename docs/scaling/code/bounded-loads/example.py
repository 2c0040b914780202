"""Which server keeps a session: modulo, ring, ring with bounded loads, cookie."""

import hashlib
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator, Sequence

# 1,000 sessions; every fifth comes from the one address of a big office.
OFFICE = "203.0.113.7"
SESSIONS = [f"10.0.{n // 250}.{n % 250}" if n % 5 else OFFICE for n in range(1000)]
FOUR, FIVE, WITHOUT_C = "abcd", "abcde", "abde"


def position(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:6], "big")


# --8<-- [start:show]
class Ring:
    def __init__(self, servers: Sequence[str]) -> None:
        self._points = sorted(
            (position(f"{server}#{point}"), server)
            for server in servers
            for point in range(100)
        )

    def walk(self, address: str) -> Iterator[str]:
        """All servers, from the address's place on the ring onward."""
        start = bisect_left(self._points, (position(address), ""))
        for step in range(len(self._points)):
            yield self._points[(start + step) % len(self._points)][1]


def bounded(servers: Sequence[str], addresses: Sequence[str]) -> list[str]:
    """The first server on the way whose load is below 1.25 times the mean."""
    ring, load, placed = Ring(servers), Counter[str](), []
    for address in addresses:
        capacity = -(-125 * (len(placed) + 1) // (100 * len(servers)))  # rounded up
        server = next(s for s in ring.walk(address) if load[s] < capacity)
        load[server] += 1
        placed.append(server)
    return placed


# --8<-- [end:show]


def on_ring(servers: Sequence[str], addresses: Sequence[str]) -> list[str]:
    ring = Ring(servers)
    return [next(ring.walk(address)) for address in addresses]


def modulo(servers: Sequence[str], addresses: Sequence[str]) -> list[str]:
    return [servers[position(address) % len(servers)] for address in addresses]


def cookie(servers: Sequence[str], before: Sequence[str]) -> list[str]:
    """The cookie names the server; only sessions whose server is gone move."""
    turns, placed = 0, []
    for server in before:
        if server not in servers:
            server = servers[turns % len(servers)]
            turns += 1
        placed.append(server)
    return placed


def row(name: str, four: list[str], five: list[str], without_c: list[str]) -> str:
    load = Counter(five)
    largest = max(Counter(four).values()) * len(FOUR) * 100 // len(SESSIONS)
    joined = sum(old != new for old, new in zip(four, five, strict=True))
    others = sum(
        old not in (new, "c") for old, new in zip(five, without_c, strict=True)
    )
    cells = "".join(f"{load[server]:>5}" for server in FIVE)
    return f"{name:<14}{largest:>6} %{joined:>12}{cells}{others:>17}"


def main() -> None:
    print("1,000 sessions, 200 of them from one address, on a to d; then e joins")
    print("               largest   moved as  sessions on each           not on c, but")
    print("               / mean     e joins    a    b    c    d    e  moved as c dies")
    methods: dict[str, Callable[[Sequence[str], Sequence[str]], list[str]]] = {
        "address mod N": modulo,
        "ring": on_ring,
        "ring, bounded": bounded,
    }
    for name, method in methods.items():
        print(
            row(name, *(method(nodes, SESSIONS) for nodes in (FOUR, FIVE, WITHOUT_C)))
        )
    first = [FOUR[number % 4] for number in range(len(SESSIONS))]
    later = cookie(FIVE, first)
    print(row("cookie", first, later, cookie(WITHOUT_C, later)))


if __name__ == "__main__":
    main()
