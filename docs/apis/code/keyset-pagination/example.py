"""Page through orders by OFFSET and by signed cursor while the table changes."""

import base64
import hashlib
import hmac
import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Self

import postgres
from postgres import Connection, Value

SCHEMA = """
    SET TIME ZONE 'UTC';
    CREATE TABLE orders (
        id         bigint PRIMARY KEY,
        created_at timestamptz NOT NULL,
        status     text NOT NULL
    );
    CREATE INDEX orders_by_time ON orders (created_at, id);
    CREATE INDEX orders_by_status ON orders (status, created_at, id);
"""
# Orders 7, 8 and 9 share a microsecond.
ORDERS = """
    TRUNCATE orders;
    INSERT INTO orders
    SELECT n, timestamptz '2026-11-20 10:00:00.000123Z'
              + CASE WHEN n IN (7, 8, 9) THEN 8 ELSE n END * interval '1 second',
           CASE WHEN n % 2 = 0 THEN 'paid' ELSE 'open' END
    FROM generate_series(1, 12) AS n
"""
CHANGES = {  # after page 1 and after page 2
    1: (
        "order 13 comes in",
        "INSERT INTO orders VALUES (13, '2026-11-20 10:01:00Z', 'open')",
    ),
    2: ("orders 12 and 13 are deleted", "DELETE FROM orders WHERE id IN (12, 13)"),
}

SIGNING_KEY = b"sample key, in service 32 random bytes"
VERSION = "v1"
MAX_LIMIT = 100
SORTS = {"-created_at": ("<", "DESC"), "created_at": (">", "ASC")}
STATUSES = ("any", "open", "paid")


class BadRequestError(Exception):
    """What the caller reads in a 400."""


@dataclass(frozen=True)
class Listing:
    """What a request asks for; checked, as its words reach the SQL."""

    sort: str
    status: str
    limit: int
    cursor: str = ""  # of the page before

    @classmethod
    def parse(cls, query: Mapping[str, str]) -> Self:
        sort = query.get("sort", "-created_at")
        status = query.get("status", "any")
        limit = query.get("limit", "20")
        if sort not in SORTS:
            raise BadRequestError("sort is -created_at or created_at")
        if status not in STATUSES:
            raise BadRequestError("status is any, open or paid")
        if not re.fullmatch("[0-9]{1,4}", limit) or not 1 <= int(limit) <= MAX_LIMIT:
            raise BadRequestError(f"limit is 1 to {MAX_LIMIT}")
        return cls(sort, status, int(limit), query.get("cursor", ""))


@dataclass(frozen=True)
class Order:
    id: int
    created_at: str  # as PostgreSQL writes it: no microsecond is lost


@dataclass(frozen=True)
class Page:
    orders: list[Order]
    next: str  # cursor, empty on the last page

    def ids(self) -> list[int]:
        return [order.id for order in self.orders]


def to_base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def from_base64url(text: str) -> str:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()


# --8<-- [start:show]
def signed(head: str) -> str:
    mac = hmac.digest(SIGNING_KEY, head.encode(), hashlib.sha256)
    return f"{head}.{to_base64url(mac)}"


def encode(listing: Listing, last: Order) -> str:
    """Say where `last` is, and in which list; signed, but readable to all."""
    content = f"{listing.sort}|{listing.status}|{last.created_at}|{last.id}"
    return signed(f"{VERSION}.{to_base64url(content.encode())}")


def decode(listing: Listing) -> Order:
    head = listing.cursor.rpartition(".")[0]
    # In constant time: how long it takes tells nothing about the right signature.
    if not hmac.compare_digest(listing.cursor.encode(), signed(head).encode()):
        raise BadRequestError("cursor is not ours, or was changed")
    version, _, content = head.partition(".")
    if version != VERSION:
        raise BadRequestError("cursor is of an old version, begin anew")
    sort, status, created_at, last_id = from_base64url(content).split("|")
    if (sort, status) != (listing.sort, listing.status):
        raise BadRequestError("cursor is for another sort order or filter")
    return Order(int(last_id), created_at)


def find_page(db: Connection, listing: Listing) -> Page:
    comparison, direction = SORTS[listing.sort]
    # One row more than asked for tells whether there is a next page.
    values: list[Value] = [listing.limit + 1]
    where = "true"
    if listing.status != "any":
        values.append(listing.status)
        where += f" AND status = ${len(values)}"
    if listing.cursor:
        last = decode(listing)
        values += [last.created_at, last.id]
        n = len(values)
        where += f" AND (created_at, id) {comparison} (${n - 1}, ${n})"
    order = f"created_at {direction}, id {direction}"
    sql = f"SELECT id, created_at FROM orders WHERE {where} ORDER BY {order} LIMIT $1"
    orders = [Order(*row) for row in db.query(sql, *values)]
    more = len(orders) > listing.limit
    orders = orders[: listing.limit]
    return Page(orders, encode(listing, orders[-1]) if more else "")


# --8<-- [end:show]

Ids = list[int]
SIZE = 4
NEWEST = "ORDER BY created_at DESC, id DESC LIMIT"


class ByOffset:
    """What many write: count the rows that were seen."""

    def __init__(self, db: Connection) -> None:
        self.db, self.seen, self.done = db, 0, False

    def turn(self) -> Ids:
        sql = f"SELECT id FROM orders {NEWEST} {SIZE} OFFSET $1"
        ids = [row[0] for row in self.db.query(sql, self.seen)]
        self.seen += SIZE
        self.done = len(ids) < SIZE
        return ids


class ByTimeAlone:
    """A keyset without its tie-breaker."""

    def __init__(self, db: Connection) -> None:
        self.db, self.last, self.done = db, "infinity", False

    def turn(self) -> Ids:
        sql = f"SELECT id, created_at FROM orders WHERE created_at < $1 {NEWEST} {SIZE}"
        rows = self.db.query(sql, self.last)
        self.last = rows[-1][1]
        self.done = len(rows) < SIZE
        return [row[0] for row in rows]


class ByCursor:
    def __init__(self, db: Connection) -> None:
        self.db, self.done = db, False
        self.listing = Listing.parse({"limit": str(SIZE)})

    def turn(self) -> Ids:
        page = find_page(self.db, self.listing)
        self.listing = replace(self.listing, cursor=page.next)
        self.done = not page.next
        return page.ids()


def join(ids: Ids) -> str:
    return " ".join(map(str, ids)) or "-"


def line(label: str, cells: list[Ids]) -> None:
    texts = [join(ids) for ids in cells]
    print(f"{label:<24}{texts[0]:<14}{texts[1]:<14}{texts[2]}")


def walk(db: Connection) -> None:
    """Read all pages in three ways while the table changes between them."""
    readers = [ByOffset(db), ByTimeAlone(db), ByCursor(db)]
    seen: list[Ids] = [[], [], []]
    number = 0
    while not all(reader.done for reader in readers):
        number += 1
        ids = [[] if reader.done else reader.turn() for reader in readers]
        line(f"page {number}", ids)
        seen = [before + now for before, now in zip(seen, ids, strict=True)]
        if number in CHANGES:
            event, change = CHANGES[number]
            print(f"  {event}")
            db.execute(change)
    line(
        "seen twice", [[id for id, n in Counter(ids).items() if n > 1] for ids in seen]
    )
    line("missed", [[id for id in range(12, 0, -1) if id not in ids] for ids in seen])


def filtered(db: Connection) -> None:
    listing = Listing.parse({"sort": "created_at", "status": "paid", "limit": "4"})
    first = find_page(db, listing)
    second = find_page(db, replace(listing, cursor=first.next))
    print("oldest paid orders      " + join(first.ids()))
    print("  their cursor holds    " + from_base64url(first.next.split(".")[1]))
    print("  next page             " + join(second.ids()))
    print("  its cursor            " + (second.next or "-"))


def refused(label: str, attempt: Callable[[], object]) -> None:
    try:
        attempt()
        reason = "accepted"
    except BadRequestError as error:
        reason = str(error)
    print(f"{label:<33}{reason}")


def refusals(db: Connection) -> None:
    def ask(**query: str) -> Page:
        return find_page(db, Listing.parse(query))

    cursor = ask(limit="4").next
    changed = [
        cursor[:at] + ("A" if cursor[at] != "A" else "B") + cursor[at + 1 :]
        for at in range(len(cursor))
    ]

    def any_change() -> None:
        reasons = set()
        for each in changed:
            try:
                ask(cursor=each)
                reasons.add("accepted")
            except BadRequestError as error:
                reasons.add(str(error))
        raise BadRequestError(", ".join(sorted(reasons)))

    old = "v0." + cursor.split(".")[1]
    refused("any one character changed", any_change)
    refused("cursor of version 0", lambda: ask(cursor=signed(old)))
    refused("the cursor with status=paid", lambda: ask(cursor=cursor, status="paid"))
    refused(
        "the cursor with sort=created_at", lambda: ask(cursor=cursor, sort="created_at")
    )
    refused("the cursor with limit=100", lambda: ask(cursor=cursor, limit="100"))
    refused("limit=101", lambda: ask(limit="101"))
    refused("limit=ten", lambda: ask(limit="ten"))
    refused("sort=password", lambda: ask(sort="password"))


def main() -> None:
    with postgres.connect() as db:
        db.execute(SCHEMA)
        db.execute(ORDERS)
        heading = "OFFSET        created_at <  (created_at, id) <"
        print(f"{'newest first, 4 a page':<24}{heading}")
        walk(db)
        print()
        db.execute(ORDERS)
        filtered(db)
        print()
        refusals(db)


if __name__ == "__main__":
    main()
