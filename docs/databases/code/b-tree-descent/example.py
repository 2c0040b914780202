"""A B+tree of (customer, minute, row) that counts the pages it touches."""

from __future__ import annotations

import random
from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice

CUSTOMERS = 5_000
MINUTES = 525_600  # of a year

Key = tuple[int, ...]


# --8<-- [start:show]
@dataclass
class Page:
    keys: list[Key]
    below: list[Page] = field(default_factory=list)  # empty in a leaf
    next: Page | None = None  # leaves only: the right neighbor


class BPlusTree:
    def __init__(self, capacity: int) -> None:
        self.capacity = capacity  # keys a page holds: its fan-out
        self.root = Page([])
        self.read: list[Page] = []

    def scan(self, low: Key, high: Key) -> Iterator[Key]:
        """Descend once to low, then walk along the leaves: ordered, and lazy."""
        page = self.descend(low)
        at = bisect_left(page.keys, low)
        while True:
            for key in page.keys[at:]:
                if key >= high:
                    return
                yield key
            if page.next is None:
                return
            page, at = self.visit(page.next), 0

    def descend(self, key: Key) -> Page:
        page = self.visit(self.root)
        while page.below:  # binary search inside each page, one page a level
            page = self.visit(page.below[bisect_right(page.keys, key)])
        return page

    def insert(self, key: Key) -> None:
        if split := self.insert_below(self.visit(self.root), key):
            separator, right = split
            self.root = Page([separator], [self.root, right])  # one level more

    def insert_below(self, page: Page, key: Key) -> tuple[Key, Page] | None:
        if page.below:
            at = bisect_right(page.keys, key)
            if split := self.insert_below(self.visit(page.below[at]), key):
                separator, right = split
                page.keys.insert(at, separator)
                page.below.insert(at + 1, right)
        else:
            insort(page.keys, key)
        return split_in_two(page) if len(page.keys) > self.capacity else None

    def visit(self, page: Page) -> Page:
        self.read.append(page)
        return page


# --8<-- [end:show]


def split_in_two(page: Page) -> tuple[Key, Page]:
    """Move the upper half into a new page; at the right edge only the newest key."""
    rightmost = not page.below and page.next is None
    middle = len(page.keys) - 1 if rightmost else len(page.keys) // 2
    separator = page.keys[middle]
    if page.below:  # an inner page gives the separator away
        right = Page(page.keys[middle + 1 :], page.below[middle + 1 :])
        del page.below[middle + 1 :]
    else:  # a leaf copies it
        right = Page(page.keys[middle:], next=page.next)
        page.next = right
    del page.keys[middle:]
    return separator, right


def leaves(tree: BPlusTree) -> Iterator[Page]:
    page: Page | None = tree.descend(())
    while page:
        yield page
        page = page.next


def build(capacity: int, keys: Iterable[Key]) -> BPlusTree:
    tree = BPlusTree(capacity)
    for key in keys:
        tree.insert(key)
        tree.read.clear()
    return tree


def orders(count: int) -> list[Key]:
    """Customers come back at scattered minutes; the row number ends each key."""
    return [(n * 7919 % CUSTOMERS, n * 104_729 % MINUTES, n) for n in range(count)]


def height(count: int, capacity: int) -> int:
    tree = build(capacity, orders(count))
    tree.descend((42,))
    return len(tree.read)


def ask(tree: BPlusTree, label: str, found: Iterable[Key]) -> None:
    tree.read.clear()
    rows = len(list(found))
    print(f"  {label:<38}{rows:>7}{len(tree.read):>8}")


def fill(tree: BPlusTree) -> tuple[int, float]:
    sizes = [len(leaf.keys) for leaf in leaves(tree)]
    return len(sizes), 100 * sum(sizes) / (len(sizes) * tree.capacity)


def main() -> None:
    print("entries   keys a page   pages read by a lookup")
    for count, capacity in ((1_000, 100), (100_000, 100), (100_000, 4)):
        print(f"{count:>7}{capacity:>14}{height(count, capacity):>25}")

    tree = build(100, orders(100_000))
    everything = tree.scan((), (CUSTOMERS,))
    print("\nindex on (customer, minute), 100 keys a page   rows  pages")
    ask(tree, "customer = 42", tree.scan((42,), (43,)))
    ask(tree, "customer = 42, first 3 by minute", islice(tree.scan((42,), (43,)), 3))
    ask(tree, "customer = 42, minute < 100000", tree.scan((42,), (42, 100_000)))
    ask(tree, "customer between 42 and 141", tree.scan((42,), (142,)))
    ask(tree, "minute < 5000, any customer", (k for k in everything if k[1] < 5000))

    print("\n100000 inserts        leaves   full   leaves touched by the last 1000")
    ascending = [(n,) for n in range(100_000)]
    shuffled = random.Random(7).sample(ascending, len(ascending))
    for label, keys in (("ascending keys", ascending), ("random keys", shuffled)):
        tree = build(100, keys[:-1000])
        touched = set()
        for key in keys[-1000:]:
            tree.insert(key)
            touched.add(id(tree.descend(key)))
        count, percent = fill(tree)
        print(f"{label:<20}{count:>8}{percent:>6.0f}%{len(touched):>36}")


if __name__ == "__main__":
    main()
