"""Four eviction policies on the same three traces: hit rates compared."""

from collections import Counter, OrderedDict
from itertools import accumulate
from random import Random

SLOTS, KEYS, SCANNED = 100, 2000, 1_000_000
WEIGHTS = list(accumulate(1 / rank for rank in range(1, KEYS + 1)))  # Zipf


class Fifo:
    """The oldest entry goes, however often it is used."""

    def __init__(self) -> None:
        self.kept: OrderedDict[int, None] = OrderedDict()

    def hit(self, key: int) -> bool:
        found = key in self.kept
        self.touch(key, found)
        if not found:
            self.admit(key)
        return found

    def touch(self, key: int, found: bool) -> None:
        """A use is no reason to stay."""

    def admit(self, key: int) -> None:
        if len(self.kept) == SLOTS:
            self.kept.popitem(last=False)
        self.kept[key] = None


class Lru(Fifo):
    """The entry unused for longest goes: each use moves an entry to the safe end."""

    def touch(self, key: int, found: bool) -> None:
        if found:
            self.kept.move_to_end(key)


class Lfu(Lru):
    """The entry with the fewest uses goes; counts last as long as the entry."""

    def __init__(self) -> None:
        super().__init__()
        self.uses: Counter[int] = Counter()

    def touch(self, key: int, found: bool) -> None:
        super().touch(key, found)
        self.uses[key] += 1

    def admit(self, key: int) -> None:
        if len(self.kept) == SLOTS:
            victim = min(self.kept, key=self.uses.__getitem__)  # ties: least recent
            del self.kept[victim], self.uses[victim]
        self.kept[key] = None


# --8<-- [start:show]
class TinyLfu(Lru):
    """LRU with a doorman: a newcomer must be used more often than the victim.

    Counts cover keys that are not kept and are halved again and again: they age.
    """

    def __init__(self) -> None:
        super().__init__()
        self.uses: Counter[int] = Counter()  # in real ones a count-min sketch
        self.counted = 0

    def touch(self, key: int, found: bool) -> None:
        super().touch(key, found)
        self.uses[key] += 1
        self.counted += 1
        if self.counted == 10 * SLOTS:
            self.uses = Counter({k: n // 2 for k, n in self.uses.items() if n > 1})
            self.counted = 0

    def admit(self, key: int) -> None:
        if len(self.kept) == SLOTS:
            victim = next(iter(self.kept))
            if self.uses[key] <= self.uses[victim]:
                self.kept.move_to_end(victim)  # it is not asked again at once
                return
            del self.kept[victim]
        self.kept[key] = None


# --8<-- [end:show]


def skewed(random: Random, requests: int, offset: int = 0) -> list[int]:
    ranks = random.choices(range(KEYS), cum_weights=WEIGHTS, k=requests)
    return [offset + rank for rank in ranks]


def traces() -> dict[str, list[int]]:
    random = Random(7)
    steady = skewed(random, 30_000)
    scanned = []
    for start in range(0, 30_000, 200):
        scanned += steady[start : start + 200]
        scanned += range(SCANNED + start, SCANNED + start + 200)  # each key once
    moved = skewed(random, 15_000) + skewed(random, 15_000, offset=KEYS)
    return {"steady": steady, "scans": scanned, "moved": moved}


def main() -> None:
    shown = traces()
    print(f"{SLOTS} slots; hit rate in percent, scanned keys not counted")
    print("policy    " + "".join(f"{name:>9}" for name in shown))
    for policy in [Fifo, Lru, Lfu, TinyLfu]:
        rates = []
        for trace in shown.values():
            cache, hits, asked = policy(), 0, 0
            for key in trace:
                hit = cache.hit(key)
                if key < SCANNED:
                    hits += hit
                    asked += 1
            rates.append(100 * hits / asked)
        print(f"{policy.__name__:<10}" + "".join(f"{rate:>9.1f}" for rate in rates))


if __name__ == "__main__":
    main()
