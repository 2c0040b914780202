"""Load batches that repeat, come late and are broken: the sums stay right."""

import json
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

import postgres
from postgres import Connection

SCHEMA = """
    CREATE TABLE batches (  -- what was loaded; its rows commit with it
        name text PRIMARY KEY, watermark date NOT NULL
    );
    CREATE TABLE fact_sales (
        event_id text PRIMARY KEY, day date NOT NULL, sku text NOT NULL,
        cents integer NOT NULL CHECK (cents > 0)
    );
    CREATE TABLE dead_letters (
        event_id text PRIMARY KEY, reason text NOT NULL, raw text NOT NULL
    );
    CREATE TABLE daily_sales (
        day date PRIMARY KEY, orders integer NOT NULL, cents integer NOT NULL
    );
    CREATE TABLE mart (version integer NOT NULL);  -- moves when daily_sales does
    INSERT INTO mart VALUES (0);
    CREATE TABLE naive_daily (day date PRIMARY KEY, cents integer NOT NULL);
"""


def event(name: str, at: str, cents: object, sku: str = "mug") -> str:
    return json.dumps({"id": name, "at": at, "sku": sku, "cents": cents})


class Batch(NamedTuple):
    received: date
    lines: list[str]


BATCHES = {  # files in the landing zone: written once, read as often as needed
    "0001": Batch(
        date(2026, 3, 1),
        [
            event("a", "2026-03-01T09:00:00Z", 1200),
            event("b", "2026-03-01T10:00:00Z", 300, "pen"),
            event("a", "2026-03-01T09:00:00Z", 1200),  # the collector sent it twice
            '{"id": "c", "at": "2026-03-01T11:00',  # cut off by a full disk
        ],
    ),
    "0002": Batch(
        date(2026, 3, 2),
        [
            event("d", "2026-03-02T08:00:00Z", 2500),
            event("e", "2026-03-01T23:59:00Z", 700),  # a phone was offline
            event("b", "2026-03-01T10:00:00Z", 300, "pen"),  # an old retry
            event("f", "2026-03-02T09:00:00Z", "12.00"),  # breaks the contract
        ],
    ),
    "0003": Batch(
        date(2026, 3, 6),
        [
            event("g", "2026-03-06T08:00:00Z", 900),
            event("z", "2062-03-06T08:00:00Z", 100),  # a wrong clock
            event("y", "2026-03-06T09:00:00", 500),  # whose nine o'clock?
        ],
    ),
    "0004": Batch(
        date(2026, 3, 6),
        [
            event("h", "2026-03-04T12:00:00Z", 400),  # two days behind the watermark
            event("i", "2026-03-02T07:00:00Z", 800),  # four days behind it
        ],
    ),
}
INSERT_FACT = """
    INSERT INTO fact_sales (event_id, day, sku, cents)
    VALUES ($1, $2::date, $3, $4::int)
    ON CONFLICT (event_id) DO NOTHING
"""
INSERT_DEAD = """
    INSERT INTO dead_letters (event_id, reason, raw) VALUES ($1, $2, $3)
    ON CONFLICT (event_id) DO NOTHING
"""
REWRITE_DAY = """
    INSERT INTO daily_sales (day, orders, cents)
    SELECT day, count(*), sum(cents) FROM fact_sales WHERE day = $1::date GROUP BY day
    ON CONFLICT (day) DO UPDATE SET orders = excluded.orders, cents = excluded.cents
"""
START = date(2026, 1, 1)
NEXT_VERSION = "UPDATE mart SET version = version + 1"
ONE_LOADER = "SELECT pg_advisory_xact_lock(42)"  # two would sum without each other
MARK_BATCH = """
    INSERT INTO batches (name, watermark) VALUES ($1, $2::date)
    ON CONFLICT (name) DO NOTHING
"""
ADD_NAIVELY = """
    INSERT INTO naive_daily VALUES ($1::date, $2::int)
    ON CONFLICT (day) DO UPDATE SET cents = naive_daily.cents + excluded.cents
"""


# --8<-- [start:show]
LATENESS = timedelta(days=3)
Row = tuple[str, date, str, int]
BROKEN = (ValueError, KeyError, TypeError, OverflowError, RecursionError)


def parse(line: str, watermark: date, received: date) -> Row:
    """Turn one line into a row, or say in a ValueError why it cannot be one."""
    try:
        data = json.loads(line)
        event_id, sku, cents = data["id"], data["sku"], data["cents"]
        moment = datetime.fromisoformat(data["at"])
        day = moment.astimezone(UTC).date()
    except BROKEN as error:
        raise ValueError(f"unreadable: {type(error).__name__}") from error
    if moment.tzinfo is None:
        raise ValueError("time without a zone")
    for code in (event_id, sku):
        if not (isinstance(code, str) and code.isalnum() and len(code) <= 64):
            raise ValueError("id or sku is not a code")
    if type(cents) is not int or not 0 < cents < 10**9:
        raise ValueError("cents is not a positive integer")
    if day > received:
        raise ValueError("from the future")  # it would drag the watermark along
    if day < watermark - LATENESS:
        raise ValueError("too late")
    return event_id, day, sku, cents


def load(db: Connection, name: str, batch: Batch) -> tuple[Counter, set[date]]:
    """One transaction: rows, dead letters, the days they touch, the watermark."""
    seen: Counter[str] = Counter()
    touched: set[date] = set()
    with db.transaction():
        db.execute(ONE_LOADER)
        mark = watermark_before(db, name)
        highest = mark
        for number, line in enumerate(batch.lines):
            try:
                event_id, day, sku, cents = parse(line, mark, batch.received)
            except ValueError as error:
                key = f"{name}:{number}"  # the same at every replay
                letter = (key, str(error), ascii(line))
                seen["dead"] += db.execute(INSERT_DEAD, *letter)
                continue
            new = db.execute(INSERT_FACT, event_id, str(day), sku, cents)
            seen["new" if new else "known"] += 1
            if new:
                touched.add(day)
            highest = max(highest, day)
        for day in touched:
            db.execute(REWRITE_DAY, str(day))  # computed again, never added to
        if touched:
            db.execute(NEXT_VERSION)
        db.execute(MARK_BATCH, name, str(highest))
    return seen, touched


# --8<-- [end:show]


def watermark_before(db: Connection, name: str) -> date:
    """Judge lateness as at the first load, so that a replay decides the same."""
    ((mark,),) = db.query("SELECT max(watermark) FROM batches WHERE name < $1", name)
    return date.fromisoformat(mark) if mark else START


def load_naively(db: Connection, batch: Batch) -> None:
    for line in batch.lines:
        try:
            _, day, _, cents = parse(line, START, batch.received)
        except ValueError:
            continue
        db.execute(ADD_NAIVELY, str(day), cents)


class Dashboard:
    """Answers from a cache; the version of the data is part of the key."""

    def __init__(self, db: Connection) -> None:
        self.db = db
        self.cache: dict[tuple[str, int], list[tuple]] = {}
        self.reads = 0

    def daily(self) -> tuple[int, list[tuple]]:
        version = self.db.query("SELECT version FROM mart")[0][0]
        key = ("daily", version)
        if key not in self.cache:
            self.reads += 1
            sql = "SELECT day::text, orders, cents FROM daily_sales ORDER BY day"
            self.cache = {key: self.db.query(sql)}
        return version, self.cache[key]


class CrashError(Exception):
    """The process dies."""


def crash(db: Connection, name: str, batch: Batch) -> None:
    try:
        with db.transaction():
            for line in batch.lines[:2]:
                event_id, day, sku, cents = parse(line, START, batch.received)
                db.execute(INSERT_FACT, event_id, str(day), sku, cents)
            raise CrashError(name)
    except CrashError:
        print(f"{name}         crash before the commit: rolled back")


def total(db: Connection, table: str) -> int:
    sums = {
        "daily_sales": "SELECT sum(cents) FROM daily_sales",
        "naive_daily": "SELECT sum(cents) FROM naive_daily",
    }
    return db.query(sums[table])[0][0]


def run(db: Connection, name: str) -> None:
    seen, touched = load(db, name, BATCHES[name])
    counts = "".join(f"{seen[kind]:<7}" for kind in ("new", "known", "dead"))
    days = ", ".join(sorted(f"{day:%m-%d}" for day in touched)) or "none"
    print(f"{name:<13}{counts}{total(db, 'daily_sales'):<9}{days}")


def main() -> None:
    with postgres.connect() as db:
        db.execute(SCHEMA)
        dashboard = Dashboard(db)
        print("batch        new    known  dead   cents    days rewritten")
        for name in BATCHES:
            if name == "0002":
                crash(db, name, BATCHES[name])
            run(db, name)
            dashboard.daily()
            dashboard.daily()
        print("all again")
        for name in BATCHES:
            run(db, name)
            dashboard.daily()
        naive = []
        for _ in range(2):
            for batch in BATCHES.values():
                load_naively(db, batch)
            naive.append(total(db, "naive_daily"))
        print("with cents = cents + new: {}, run twice {}".format(*naive))
        print("\ndead letters")
        for row in db.query("SELECT event_id, reason FROM dead_letters ORDER BY 1"):
            print("  {}  {}".format(*row))
        version, rows = dashboard.daily()
        print(f"\ndashboard: {len(rows)} days, data version {version}")
        print(f"  13 requests, {dashboard.reads} queries of the summary")


if __name__ == "__main__":
    main()
