"""Split products.price, such as '12.50 EUR', into cents and currency, while in use."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import postgres
from postgres import Connection, PostgresError, Value

SCHEMA = """
    CREATE TABLE products (id integer PRIMARY KEY, price text NOT NULL);
    INSERT INTO products
    SELECT n, n || '.50 EUR' FROM generate_series(1, 9) AS n;
"""
# What a row must hold according to its old column. Text that does not parse must be
# found and settled before; here there is none.
CENTS = "(split_part(price, ' ', 1)::numeric * 100)::bigint"
CURRENCY = "split_part(price, ' ', 2)"
DIFFERS = f"(cents, currency) IS DISTINCT FROM ({CENTS}, {CURRENCY})"
KNOWN = """
    ALTER TABLE products ADD CONSTRAINT split_known
    CHECK (cents IS NOT NULL AND currency IS NOT NULL) NOT VALID
"""
VERIFY = f"SELECT count(*) FROM products WHERE {DIFFERS}"


class Price(NamedTuple):
    cents: int
    currency: str

    def text(self) -> str:
        return f"{self.cents // 100}.{self.cents % 100:02} {self.currency}"


# --8<-- [start:show]
WRITE_OLD = """
    INSERT INTO products (id, price) VALUES ($1, $2)
    ON CONFLICT (id) DO UPDATE SET price = EXCLUDED.price
"""
WRITE_BOTH = """
    INSERT INTO products (id, price, cents, currency) VALUES ($1, $2, $3, $4)
    ON CONFLICT (id) DO UPDATE SET price = EXCLUDED.price,
        cents = EXCLUDED.cents, currency = EXCLUDED.currency
"""
WRITE_NEW = """
    INSERT INTO products (id, cents, currency) VALUES ($1, $2, $3)
    ON CONFLICT (id) DO UPDATE
    SET cents = EXCLUDED.cents, currency = EXCLUDED.currency
"""
READ_OLD = "SELECT id, price FROM products"
READ_NEW = "SELECT id, cents, currency FROM products"

# One statement compares and writes, from the newest version of a row.
BATCH = f"""
    WITH batch AS (SELECT id FROM products WHERE id > $1 ORDER BY id LIMIT $2),
    filled AS (
        UPDATE products SET cents = {CENTS}, currency = {CURRENCY}
        FROM batch WHERE products.id = batch.id AND {DIFFERS} RETURNING 1
    )
    SELECT max(id), (SELECT count(*) FROM filled) FROM batch
"""


def back_fill(db: Connection, size: int) -> Iterator[int]:
    """Walk the primary key; each batch is a short transaction of its own."""
    after = 0
    while True:
        last, filled = db.query(BATCH, after, size)[0]
        if last is None:
            return
        yield filled
        after = last  # store it too: a restart goes on from here


# --8<-- [end:show]


@dataclass(frozen=True)
class Version:
    """A release of the application, as far as it touches this table."""

    writes: str
    reads: str

    def write(self, db: Connection, product: int, price: Price) -> None:
        values: dict[str, tuple[Value, ...]] = {
            WRITE_OLD: (product, price.text()),
            WRITE_BOTH: (product, price.text(), *price),
            WRITE_NEW: (product, *price),
        }
        db.execute(self.writes, *values[self.writes])

    def read(self, db: Connection) -> dict[Value, str | None]:
        rows = db.query(self.reads)
        if self.reads == READ_OLD:
            return dict(rows)
        return {
            product: None if cents is None else Price(cents, currency).text()
            for product, cents, currency in rows
        }


V1 = Version(WRITE_OLD, READ_OLD)
V2 = Version(WRITE_BOTH, READ_OLD)
V3 = Version(WRITE_BOTH, READ_NEW)
V4 = Version(WRITE_NEW, READ_NEW)
TEAMS = [("v1", V1, V1), ("v1+v2", V1, V2), ("v2+v3", V2, V3)]
TEAMS += [("v3+v4", V3, V4), ("v4", V4, V4)]


class Shop:
    def __init__(self, db: Connection) -> None:
        self.db = db
        self.truth = {n: f"{n}.50 EUR" for n in range(1, 10)}

    def write(self, version: Version, product: int, cents: int) -> None:
        price = Price(cents, "EUR")
        version.write(self.db, product, price)
        self.truth[product] = price.text()

    def together(self, one: Version, other: Version) -> str:
        """Both write a new and an old row, both must read all; undone afterwards."""
        kept = dict(self.truth)
        self.db.execute("BEGIN")
        try:
            for writer, other_writer, new in (one, other, 101), (other, one, 102):
                self.write(writer, new, new)
                self.write(writer, 1, 7000 + new)
                self.write(other_writer, 1, 8000 + new)
            read = [one.read(self.db), other.read(self.db)]
        except PostgresError as error:
            return error.code
        finally:
            self.db.execute("ROLLBACK")
            expected, self.truth = self.truth, kept
        if read == [expected, expected]:
            return "ok"
        return "null" if any(None in seen.values() for seen in read) else "stale"

    def report(self, step: str) -> None:
        results = [self.together(one, other) for _, one, other in TEAMS]
        print(f"{step:<26}" + "".join(f"{result:<9}" for result in results).rstrip())

    def wrong(self) -> int:
        return self.db.query(VERIFY)[0][0]

    def fill(self) -> None:
        self.db.execute("BEGIN")
        self.db.execute(
            f"UPDATE products SET cents = {CENTS}, currency = {CURRENCY} "
            "WHERE cents IS NULL"
        )
        print(f"  by IS NULL: {self.wrong()} wrong row left")
        self.db.execute("ROLLBACK")
        filled = list(back_fill(self.db, 4))
        print(
            f"  by comparison, batches of 4: {filled}, {self.wrong()} wrong rows left"
        )


def main() -> None:
    with postgres.connect() as db:
        db.execute("SET lock_timeout = '2s'")
        db.execute(SCHEMA)
        shop = Shop(db)
        print(f"{'after step':<26}" + "".join(f"{n:<9}" for n, *_ in TEAMS).rstrip())
        shop.report("0 before")
        db.execute(
            "ALTER TABLE products ADD COLUMN cents bigint, ADD COLUMN currency text"
        )
        shop.report("1 expand")
        shop.write(V2, 10, 1050)  # rolling out: a new instance writes both columns,
        shop.write(V2, 2, 299)
        shop.write(V1, 10, 1099)  # an old one then changes the same row
        shop.report("2 v2 writes both")
        shop.fill()
        db.execute(KNOWN)  # earlier it would refuse any update of an unfilled row
        db.execute("ALTER TABLE products VALIDATE CONSTRAINT split_known")
        shop.report("3 back-filled, validated")
        shop.write(V3, 3, 399)
        shop.report("4 v3 reads new")
        db.execute("ALTER TABLE products ALTER COLUMN price DROP NOT NULL")
        shop.report("5 NOT NULL dropped")
        shop.write(V4, 11, 1111)
        shop.report("  v4 writes new only")
        db.execute("ALTER TABLE products DROP COLUMN price")
        shop.report("6 contract")


if __name__ == "__main__":
    main()
