"""Rebuild a search index while products change: four ways, compared."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple


class Row(NamedTuple):
    version: int
    title: str | None  # None: deleted


class Event(NamedTuple):
    product: int
    row: Row


@dataclass
class Database:
    """Each write changes its row and appends the event in one transaction."""

    rows: dict[int, Row] = field(default_factory=dict)
    outbox: list[Event] = field(default_factory=list)

    def write(self, product: int, title: str | None) -> None:
        version = self.rows[product].version + 1 if product in self.rows else 1
        self.rows[product] = Row(version, title)
        self.outbox.append(Event(product, self.rows[product]))

    def live(self) -> dict[int, str]:
        return {n: row.title for n, row in self.rows.items() if row.title}


# --8<-- [start:show]
@dataclass
class Index:
    versioned: bool
    docs: dict[int, Row] = field(default_factory=dict)

    def put(self, product: int, row: Row) -> None:
        """Refuse what is not newer: events repeat, and copied rows come late."""
        known = self.docs.get(product)
        if self.versioned and known and known.version >= row.version:
            return
        self.docs[product] = row  # a delete stays as a tombstone with its version

    def live(self) -> dict[int, str]:
        return {n: row.title for n, row in self.docs.items() if row.title}


@dataclass
class Cluster:
    """Readers use the alias; the consumer of the outbox writes to all in feeds."""

    indexes: dict[str, Index]
    alias: str
    feeds: list[str]
    consumed: int = 0

    def follow(self, db: Database) -> None:
        for event in db.outbox[self.consumed :]:
            for name in self.feeds:
                self.indexes[name].put(event.product, event.row)
        self.consumed = len(db.outbox)

    def search(self, word: str) -> set[int]:
        live = self.indexes[self.alias].live()
        return {product for product, title in live.items() if word in title}


def reindex(db: Database, cluster: Cluster, new: str, traffic: "Traffic") -> None:
    cluster.feeds.append(new)  # 1. feed the new index before the copy starts
    copy(db, cluster, new, traffic)  # 2. copy the table in batches
    cluster.follow(db)  # 3. catch up, compare with the database
    if cluster.indexes[new].live() == db.live():
        cluster.alias = new  # 4. one atomic switch; the old index is still fed


# --8<-- [end:show]


Traffic = Callable[[list[int]], None]
PRODUCTS = ["red shoes", "blue shoes", "wool socks", "old tent", "green shoes", "map"]
UNCHANGED_SHOES = {5}


def copy(db: Database, cluster: Cluster, new: str, traffic: Traffic) -> None:
    """Between reading a batch and writing it, the world goes on."""
    for batch in ([1, 2], [3, 4], [5, 6]):
        read = {product: db.rows[product] for product in batch}
        traffic(batch)
        cluster.follow(db)
        for product, row in read.items():
            cluster.indexes[new].put(product, row)


def in_place(db: Database, cluster: Cluster, new: str, traffic: Traffic) -> None:
    cluster.indexes[new] = cluster.indexes[cluster.alias]
    cluster.indexes[new].docs.clear()
    copy(db, cluster, new, traffic)


def copy_then_switch(
    db: Database, cluster: Cluster, new: str, traffic: Traffic
) -> None:
    copy(db, cluster, new, traffic)
    cluster.alias = new
    cluster.feeds = [new]


def feed_both(db: Database, cluster: Cluster, new: str, traffic: Traffic) -> None:
    cluster.feeds.append(new)
    copy(db, cluster, new, traffic)
    cluster.alias = new


def run(way: Callable[..., None], versioned: bool) -> tuple[Database, Cluster, int]:
    db = Database()
    for product, title in enumerate(PRODUCTS, start=1):
        db.write(product, title)
    indexes = {"products-v1": Index(versioned), "products-v2": Index(versioned)}
    cluster = Cluster(indexes, "products-v1", ["products-v1"])
    cluster.follow(db)
    short = 0

    def traffic(batch: list[int]) -> None:
        nonlocal short
        if batch == [1, 2]:
            db.write(1, "red sandals")  # read, but not yet written
        elif batch == [3, 4]:
            db.write(2, "navy shoes")  # copied already
            db.write(4, None)  # read, but not yet written
        else:
            db.write(7, "white shoes")  # in no batch
        short += not cluster.search("shoes") >= UNCHANGED_SHOES

    way(db, cluster, "products-v2", traffic)
    cluster.follow(db)
    return db, cluster, short


def report(name: str, db: Database, cluster: Cluster, short: int) -> None:
    found, truth = cluster.indexes[cluster.alias].live(), db.live()
    stale = sum(found[n] != truth[n] for n in found.keys() & truth.keys())
    missing, ghosts = len(truth.keys() - found.keys()), len(found.keys() - truth.keys())
    print(f"{name:27}{stale:6}{missing:9}{ghosts:8}{short:16}")


def main() -> None:
    print(f"{'':27}{'stale':>6}{'missing':>9}{'ghosts':>8}{'short searches':>16}")
    report("empty and refill", *run(in_place, versioned=False))
    report("copy, then switch", *run(copy_then_switch, versioned=False))
    report("feed both, last write wins", *run(feed_both, versioned=False))
    db, cluster, short = run(reindex, versioned=True)
    report("feed both, newest version", db, cluster, short)

    print("\nalias", cluster.alias, sorted(cluster.search("shoes")))
    db.write(6, "shoes map")
    cluster.follow(db)
    cluster.alias = "products-v1"
    print(
        "a change later, rolled back:", cluster.alias, sorted(cluster.search("shoes"))
    )
    print("equal to the database:", cluster.indexes["products-v1"].live() == db.live())


if __name__ == "__main__":
    main()
