"""Five ways to keep a cached price right, under the interleavings that break them."""

from collections.abc import Callable
from typing import NamedTuple

import redis

KEY, TTL = "price:42", 300  # seconds
TOMBSTONE_TTL = 60  # seconds; longer than any load may take


class Row(NamedTuple):
    version: int
    price: int


class Event(NamedTuple):
    key: str
    version: int


class Database:
    """One row. Readers see what is committed; each commit appends a change event."""

    def __init__(self) -> None:
        self.row = Row(1, 500)
        self.log: list[Event] = []

    def commit(self, price: int) -> Row:
        self.row = Row(self.row.version + 1, price)
        self.log.append(Event(KEY, self.row.version))
        return self.row


# --8<-- [start:show]
# Store a value only if nothing newer is known. A deleted entry leaves a tombstone:
# a version without a price, so that a late set of an older version finds it.
SET_IF_NEWER = """
local known = tonumber(redis.call('HGET', KEYS[1], 'version') or 0)
if tonumber(ARGV[1]) < known then return 0 end
redis.call('HSET', KEYS[1], 'version', ARGV[1], 'price', ARGV[2])
redis.call('EXPIRE', KEYS[1], ARGV[3])
return 1
"""
DELETE_UP_TO = """
local known = tonumber(redis.call('HGET', KEYS[1], 'version') or 0)
if tonumber(ARGV[1]) <= known then return 0 end
redis.call('HSET', KEYS[1], 'version', ARGV[1])
redis.call('HDEL', KEYS[1], 'price')
redis.call('EXPIRE', KEYS[1], ARGV[2])
return 1
"""


class Versioned:
    """Values that carry the version of the row they came from."""

    def __init__(self, connection: redis.Connection) -> None:
        self._redis = connection

    def set(self, row: Row) -> bool:
        return self._eval(SET_IF_NEWER, row.version, row.price, TTL)

    def delete(self, version: int) -> bool:
        """What is older than this version must go, and must not come back."""
        return self._eval(DELETE_UP_TO, version, TOMBSTONE_TTL)

    def get(self) -> int | None:
        price = self._redis.command("HGET", KEY, "price")
        return None if price is None else int(price)

    def _eval(self, script: str, *arguments: int) -> bool:
        return self._redis.command("EVAL", script, 1, KEY, *arguments) == 1


def consume(log: list[Event], offset: int, cache: Versioned) -> tuple[int, int]:
    """Apply events from offset on; a repeated or old one changes nothing."""
    applied = sum(cache.delete(event.version) for event in log[offset:])
    return len(log), applied  # store the offset after the work: at least once


# --8<-- [end:show]


class Plain:
    """A cached value without a version."""

    def __init__(self, connection: redis.Connection) -> None:
        self._redis = connection

    def set(self, row: Row) -> None:
        self._redis.command("SET", KEY, row.price, "EX", TTL)

    def delete(self) -> None:
        self._redis.command("UNLINK", KEY)

    def get(self) -> int | None:
        price = self._redis.command("GET", KEY)
        return None if price is None else int(price)


def two_writers_update(db: Database, cache: Plain) -> None:
    first = db.commit(600)
    second = db.commit(700)
    cache.set(second)  # the second writer is faster here
    cache.set(first)


def two_writers_delete(db: Database, cache: Plain) -> None:
    db.commit(600)
    db.commit(700)
    cache.delete()
    cache.delete()  # the order makes no difference


def delete_before_commit(db: Database, cache: Plain) -> None:
    cache.delete()
    cache.set(db.row)  # a reader missed, and loads what is committed: the old row
    db.commit(600)


def delete_after_commit(db: Database, cache: Plain) -> None:
    cache.delete()  # it had expired, say
    loaded = db.row  # a reader missed and has read; now it is slow
    db.commit(600)
    cache.delete()
    cache.set(loaded)  # the reader goes on


def versioned_set(db: Database, cache: Versioned) -> None:
    loaded = db.row  # the same slow reader
    new = db.commit(600)
    cache.delete(new.version)
    cache.set(loaded)  # refused: the tombstone is newer


def versioned_writers(db: Database, cache: Versioned) -> None:
    first = db.commit(600)
    second = db.commit(700)
    cache.set(second)
    cache.set(first)  # refused


def no_delete_at_all(db: Database, cache: Versioned) -> None:
    cache.set(db.row)
    db.commit(600)  # and the process dies


def repaired(db: Database, cache: Versioned) -> None:
    no_delete_at_all(db, cache)
    consume(db.log, 0, cache)


def show(
    label: str,
    run: Callable[[Database, Plain | Versioned], None],
    cache: Plain | Versioned,
    connection: redis.Connection,
) -> None:
    connection.command("UNLINK", KEY)
    db = Database()
    run(db, cache)
    kept = cache.get()
    verdict = "miss: the next read loads" if kept is None else "right"
    if kept not in (None, db.row.price):
        verdict = f"STALE for up to {TTL} s"
    cached = "-" if kept is None else kept
    print(f"{label:<33}{db.row.price:>4}{cached:>8}  {verdict}")


def main() -> None:
    with redis.connect() as connection:
        plain, versioned = Plain(connection), Versioned(connection)
        print("interleaving                  database  cached")
        for label, run, cache in [
            ("two writers update the cache", two_writers_update, plain),
            ("two writers delete", two_writers_delete, plain),
            ("delete before the commit", delete_before_commit, plain),
            ("delete after it, slow reader", delete_after_commit, plain),
            ("  the same, versions compared", versioned_set, versioned),
            ("two writers, versions compared", versioned_writers, versioned),
            ("writer dies before its delete", no_delete_at_all, versioned),
            ("  the same, events consumed", repaired, versioned),
        ]:
            show(label, run, cache, connection)

        connection.command("UNLINK", KEY)
        db = Database()
        versioned.set(db.row)
        db.commit(600)
        db.commit(700)
        offset, applied = consume(db.log, 0, versioned)
        again = consume(db.log, 0, versioned)[1]
        print(f"\nevents 1 to {offset}: {applied} applied; replayed: {again} applied")
        versioned.set(db.row)
        consume(db.log, 0, versioned)
        print(f"replayed over a fresh value: {versioned.get()} stays")


if __name__ == "__main__":
    main()
