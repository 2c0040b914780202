"""Push gossip: how fast news spreads, and a failure detector built on it."""

from collections.abc import Collection
from dataclasses import dataclass


class Random:
    """The same small generator in every language."""

    def __init__(self, seed: int) -> None:
        self.state = seed

    def below(self, limit: int) -> int:
        self.state = (self.state * 1103515245 + 12345) % 2**31
        return (self.state >> 16) % limit


# --8<-- [start:show]
def peer(me: int, nodes: int, random: Random) -> int:
    """Anybody but me, dead or alive: the sender does not know."""
    return (me + 1 + random.below(nodes - 1)) % nodes


def spread(nodes: int, dead: Collection[int], random: Random) -> list[int]:
    """How many live nodes know the news after each round; node 0 starts."""
    knows = {0}
    counts = [1]
    while counts[-1] < nodes - len(dead):
        targets = {peer(node, nodes, random) for node in sorted(knows)}
        knows |= targets.difference(dead)
        counts.append(len(knows))
    return counts


@dataclass
class Member:
    """What one node knows of all: heartbeat counters and when each last rose."""

    index: int
    timeout: int
    forget_after: int
    counters: list[int]
    risen: list[int]

    def suspects(self, node: int, now: int) -> bool:
        return now - self.risen[node] > self.timeout

    def beat(self, now: int) -> list[int]:
        """The table to send: nothing about nodes that this one suspects."""
        self.counters[self.index] += 1
        self.risen[self.index] = now
        for node, risen in enumerate(self.risen):
            if now - risen > self.forget_after:
                self.counters[node] = 0
        return [
            0 if self.suspects(node, now) else counter
            for node, counter in enumerate(self.counters)
        ]

    def merge(self, table: list[int], now: int) -> None:
        for node, counter in enumerate(table):
            if counter > self.counters[node]:
                self.counters[node] = counter
                self.risen[node] = now


# --8<-- [end:show]


def rounds_until_all_know() -> None:
    print("rounds until all live nodes know, over 20 seeds; one peer a round")
    print("nodes  log2 N  all alive  every fifth dead")
    for power in (4, 6, 8, 10):
        nodes = 2**power
        columns = []
        for dead in (set[int](), set(range(4, nodes, 5))):
            rounds = [len(spread(nodes, dead, Random(s))) - 1 for s in range(1, 21)]
            columns.append(f"{min(rounds):>3} to {max(rounds)}")
        print(f"{nodes:>5}  {power:>6}  {columns[0]:>9}  {columns[1]:>16}")
    counts = spread(256, (), Random(1))
    print("256 nodes, seed 1, who knows:", *counts)


NODES, CRASHED, CRASH_AT, ROUNDS = 16, 3, 100, 300


def detect(seed: int, timeout: int, forget_after: int) -> tuple[int, list[int], int]:
    """False alarms, when each node noticed the crash, and how often it was undone."""
    random = Random(seed)
    members = [
        Member(i, timeout, forget_after, [1] * NODES, [0] * NODES) for i in range(NODES)
    ]
    noticed: dict[int, int] = {}
    suspected: set[tuple[int, int]] = set()
    false_alarms = revived = 0
    for now in range(1, ROUNDS + 1):
        live = [m for m in members if m.index != CRASHED or now < CRASH_AT]
        messages = []
        for member in live:
            table, target = member.beat(now), peer(member.index, NODES, random)
            if random.below(10) > 0:
                messages.append((members[target], table))
        for member, table in messages:
            if member in live:
                forgotten = member.counters[CRASHED] == 0
                member.merge(table, now)
                if forgotten and member.counters[CRASHED] > 0 and now > CRASH_AT:
                    revived += 1
        for member in live:
            for node in range(NODES):
                pair = (member.index, node)
                if not member.suspects(node, now):
                    suspected.discard(pair)
                elif pair not in suspected:
                    suspected.add(pair)
                    if node != CRASHED or now < CRASH_AT:
                        false_alarms += 1
                if node == CRASHED and now >= CRASH_AT and pair in suspected:
                    noticed.setdefault(member.index, now - CRASH_AT)
    return false_alarms, list(noticed.values()), revived


def over_ten_seeds(timeout: int, forget_after: int) -> str:
    runs = [detect(seed, timeout, forget_after) for seed in range(1, 11)]
    alarms = sum(run[0] for run in runs)
    noticed = [after for run in runs for after in run[1]]
    revived = sum(run[2] for run in runs)
    undone = sum(run[2] > 0 for run in runs)
    return (
        f"{timeout:>7}  {forget_after:>12}  {alarms:>12}"
        f"  {min(noticed):>6} to {max(noticed):>3}  {revived:>5} in {undone:>2} runs"
    )


def main() -> None:
    rounds_until_all_know()
    print("\n16 nodes, 1 in 10 messages lost, node 3 dies in round 100; 10 seeds")
    print("timeout  forget after  false alarms  noticed after  back from dead")
    for timeout, forget in ((6, 12), (9, 18), (12, 24), (24, 48), (12, 12)):
        print(over_ten_seeds(timeout, forget))


if __name__ == "__main__":
    main()
