"""The same rows in a paged B+tree and in LSM trees: pages read, written and kept."""

from bisect import bisect_left, bisect_right
from collections import OrderedDict
from collections.abc import Callable, Iterable
from random import Random
from typing import Protocol

ROWS = 40_000
PAGE_ROWS = 40  # rows of 100 bytes in a page of 4 KB
FULL_PAGES = ROWS // PAGE_ROWS
MEMORY = 100  # pages of memory, a tenth of the data, for either engine
MEMTABLE_ROWS = 25 * PAGE_ROWS  # the LSM trees give 25 pages to the memtable,
FILTER_PAGES = 12  # 12 to Bloom filters of 10 bits a row, the rest to their cache


class Disk:
    """Counts pages; a cache in memory keeps those used last."""

    def __init__(self, cached_pages: int) -> None:
        self.reads = self.writes = 0
        self._room, self._cache = cached_pages, OrderedDict[object, bool]()

    def touch(self, page: object, dirty: bool = False, new: bool = False) -> None:
        if page in self._cache:
            dirty |= self._cache.pop(page)
        elif not new:
            self.reads += 1
        self._cache[page] = dirty
        if len(self._cache) > self._room:
            self.writes += self._cache.popitem(last=False)[1]

    def checkpoint(self) -> None:
        self.writes += sum(self._cache.values())
        self._cache = OrderedDict.fromkeys(self._cache, False)


class Engine(Protocol):
    disk: Disk

    def put(self, key: int) -> None: ...
    def get(self, key: int, filters: bool) -> None: ...
    def scan(self, low: int, high: int) -> None: ...
    def checkpoint(self) -> None: ...
    def pages(self) -> int: ...


class Table:
    """A sorted run, or a leaf of the B+tree."""

    def __init__(self, keys: list[int]) -> None:
        self.keys = keys

    def pages(self) -> int:
        return -(-len(self.keys) // PAGE_ROWS)

    def may_contain(self, key: int) -> bool:
        """As a Bloom filter does: 8 absent keys of 1,000 pass (fixed, not random)."""
        at = bisect_left(self.keys, key)
        present = self.keys[at : at + 1] == [key]
        return present or (key * 7919 + self.keys[0] * 31 + len(self.keys)) % 1000 < 8

    def overlaps(self, low: int, high: int) -> bool:
        return self.keys[0] <= high and low <= self.keys[-1]


class Leaves:
    """The leaf pages of a B+tree. The inner pages are not counted: with hundreds
    of children each they are few and stay in memory, as in practice."""

    def __init__(self) -> None:
        self.disk = Disk(MEMORY)
        self.leaves, self.lowest = [Table([])], [-1]

    def leaf_of(self, key: int) -> int:
        return bisect_right(self.lowest, key) - 1

    def get(self, key: int, filters: bool) -> None:
        self.disk.touch(self.leaves[self.leaf_of(key)])

    def scan(self, low: int, high: int) -> None:
        for leaf in self.leaves[self.leaf_of(low) : self.leaf_of(high) + 1]:
            self.disk.touch(leaf)

    def checkpoint(self) -> None:
        self.disk.checkpoint()

    def pages(self) -> int:
        return len(self.leaves)


# --8<-- [start:show]
class BTree(Leaves):
    """Rows are changed in place, in the one leaf where they belong."""

    def put(self, key: int) -> None:
        at = self.leaf_of(key)
        leaf = self.leaves[at]
        self.disk.touch(leaf, dirty=True)  # read the page; write it when evicted
        index = bisect_left(leaf.keys, key)
        if leaf.keys[index : index + 1] == [key]:
            return  # an update in place
        leaf.keys.insert(index, key)
        if len(leaf.keys) > PAGE_ROWS:
            half = PAGE_ROWS // 2
            if index == PAGE_ROWS and at == len(self.leaves) - 1:
                half = PAGE_ROWS  # ascending keys: leave this page full
            new, leaf.keys = Table(leaf.keys[half:]), leaf.keys[:half]
            self.leaves.insert(at + 1, new)
            self.lowest.insert(at + 1, new.keys[0])
            self.disk.touch(new, dirty=True, new=True)


class Lsm:
    """What leveled and tiered trees share: memtable, flush, merge, reads."""

    def __init__(self) -> None:
        self.disk = Disk(MEMORY - MEMTABLE_ROWS // PAGE_ROWS - FILTER_PAGES)
        self._memtable: set[int] = set()
        self.levels: list[list[Table]] = [[]]  # level 0 holds the newest, in front

    def put(self, key: int) -> None:
        self._memtable.add(key)  # no read: the old row is found by the merge
        if len(self._memtable) >= MEMTABLE_ROWS:
            self.checkpoint()

    def checkpoint(self) -> None:
        if self._memtable:
            self.levels[0].insert(0, self._written(sorted(self._memtable)))
            self._memtable = set()
            self.compact()

    def _written(self, keys: list[int]) -> Table:
        table = Table(keys)
        self.disk.writes += table.pages()
        return table

    def merged(self, tables: Iterable[Table]) -> list[int]:
        """Read all, keep each key once."""
        keys: set[int] = set()
        for table in tables:
            self.disk.reads += table.pages()
            keys.update(table.keys)
        return sorted(keys)

    # --8<-- [end:show]

    def _tables(self, low: int, high: int) -> list[Table]:
        return [t for level in self.levels for t in level if t.overlaps(low, high)]

    def get(self, key: int, filters: bool) -> None:
        if key in self._memtable:
            return
        for table in self._tables(key, key):
            if filters and not table.may_contain(key):
                continue
            at = bisect_right(table.keys, key) - 1
            self.disk.touch((table, at // PAGE_ROWS))
            if table.keys[at] == key:
                return

    def scan(self, low: int, high: int) -> None:
        for table in self._tables(low, high):
            first = bisect_left(table.keys, low)
            last = max(first, bisect_right(table.keys, high) - 1)
            for page in range(first // PAGE_ROWS, last // PAGE_ROWS + 1):
                self.disk.touch((table, page))

    def compact(self) -> None:
        raise NotImplementedError

    def pages(self) -> int:
        return sum(table.pages() for level in self.levels for table in level)


class Leveled(Lsm):
    """Below level 0 a level is one sorted run, cut into files, ten times the last."""

    def __init__(self) -> None:
        super().__init__()
        self._turn = 0

    def compact(self) -> None:
        for number in range(len(self.levels)):
            level = self.levels[number]
            if number + 1 == len(self.levels):
                self.levels.append([])
            while len(level) > (3 if number == 0 else 4 * 10 ** (number - 1)):
                moving = level[:] if number == 0 else [level[self._victim(level)]]
                self._move(moving, level, number + 1)
        if not self.levels[-1]:
            self.levels.pop()

    def _victim(self, level: list[Table]) -> int:
        """Each file of a level has its turn, not always the first."""
        self._turn += 7
        return self._turn % len(level)

    def _move(self, moving: list[Table], level: list[Table], number: int) -> None:
        low = min(table.keys[0] for table in moving)
        high = max(table.keys[-1] for table in moving)
        below = self.levels[number]
        met = [table for table in below if table.overlaps(low, high)]
        keys = self.merged([*moving, *met])
        files = [
            self._written(keys[i : i + MEMTABLE_ROWS])
            for i in range(0, len(keys), MEMTABLE_ROWS)
        ]
        level[:] = [table for table in level if table not in moving]
        rest = [table for table in below if table not in met]
        below[:] = sorted([*rest, *files], key=lambda table: table.keys[0])


class Tiered(Lsm):
    """Four runs of a level become one run of the next; nothing else is rewritten."""

    def compact(self) -> None:
        for number in range(len(self.levels)):
            if len(self.levels[number]) == 4:
                if number + 1 == len(self.levels):
                    self.levels.append([])
                run = self._written(self.merged(self.levels[number]))
                self.levels[number].clear()
                self.levels[number + 1].insert(0, run)


def shuffled(keys: Iterable[int], seed: int) -> list[int]:
    random = Random(seed)
    return sorted(keys, key=lambda _: random.random())


def measure(engine: Engine, ascending: bool) -> list[float]:
    disk, keys = engine.disk, range(0, 2 * ROWS, 2)  # odd keys are absent

    def reads_and_writes(work: Callable[[], None]) -> tuple[int, int]:
        before = disk.reads, disk.writes
        work()
        return disk.reads - before[0], disk.writes - before[1]

    def put_all(order: Iterable[int]) -> None:
        for key in order:
            engine.put(key)
        engine.checkpoint()

    def get_all(order: Iterable[int], filters: bool = True) -> None:
        for key in order:
            engine.get(key, filters)

    result = []
    for order in (keys if ascending else shuffled(keys, 1), shuffled(keys, 2)):
        reads, writes = reads_and_writes(lambda order=order: put_all(order))
        result += [writes / FULL_PAGES, reads / ROWS]
    result.append(engine.pages() / FULL_PAGES)
    sample = shuffled(keys, 3)[:4000]
    absent = [key + 1 for key in sample]
    result.append(reads_and_writes(lambda: get_all(sample))[0] / 4000)
    result.append(reads_and_writes(lambda: get_all(absent))[0] / 4000)
    result.append(reads_and_writes(lambda: get_all(absent, False))[0] / 4000)
    starts = sample[:1000]

    def scan_all() -> None:
        for low in starts:
            engine.scan(low, low + 198)  # 100 rows

    result.append(reads_and_writes(scan_all)[0] / 1000)
    return result


LABELS = (
    "load: pages written / full pages",
    "  pages read per row",
    "update: pages written / full pages",
    "  pages read per row",
    "pages kept / full pages",
    "get, present: pages read",
    "get, absent: pages read",
    "  the same without filters",
    "scan of 100 rows: pages read",
)


def main() -> None:
    columns = [
        measure(BTree(), ascending=True),
        measure(BTree(), ascending=False),
        measure(Leveled(), ascending=False),
        measure(Tiered(), ascending=False),
    ]
    print("40,000 rows of 100 bytes, 4 KB pages, memory for a tenth of the data;")
    print("all loaded, then all updated in random order; the log is not counted")
    print("                                       B+tree   B+tree      LSM      LSM")
    print("                                    ascending   random  leveled   tiered")
    for label, row in zip(LABELS, zip(*columns, strict=True), strict=True):
        print(f"{label:<36}" + "".join(f"{value:>9.2f}" for value in row))


if __name__ == "__main__":
    main()
