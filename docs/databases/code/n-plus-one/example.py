"""One screen, loaded in three ways: a loop, a join, batches. Who asks how often?"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import postgres
from postgres import Connection, Value

SCHEMA = """
    CREATE TABLE orders (
        id          integer PRIMARY KEY,
        customer_id integer NOT NULL
    );
    CREATE TABLE lines (
        order_id integer NOT NULL REFERENCES orders,
        position integer NOT NULL,
        product  text NOT NULL,
        PRIMARY KEY (order_id, position)
    );
    CREATE TABLE events (
        order_id integer NOT NULL REFERENCES orders,
        position integer NOT NULL,
        status   text NOT NULL,
        PRIMARY KEY (order_id, position)
    );
    INSERT INTO orders SELECT n, 42 FROM generate_series(1, 60) AS n;
    INSERT INTO lines SELECT n, p, 'product ' || n * p % 7
    FROM generate_series(1, 60) AS n, generate_series(1, n % 6) AS p;
    INSERT INTO events SELECT n, p, (ARRAY['new', 'paid', 'sent', 'back'])[p]
    FROM generate_series(1, 60) AS n, generate_series(1, 2 + n % 3) AS p;
"""


class CountingDatabase:
    """Counts calls and rows of each statement text, as pg_stat_statements does."""

    def __init__(self, db: Connection) -> None:
        self._db = db
        self.calls: Counter[str] = Counter()
        self.rows: Counter[str] = Counter()

    def query(self, sql: str, *args: Value) -> list[tuple[Value, ...]]:
        rows = self._db.query(sql, *args)
        self.calls[sql] += 1
        self.rows[sql] += len(rows)
        return rows


@dataclass
class Order:
    lines: dict[int, str] = field(default_factory=dict)  # by position
    events: dict[int, str] = field(default_factory=dict)


Screen = dict[int, Order]  # by order id, newest first

ORDERS = "SELECT id FROM orders WHERE customer_id = $1 ORDER BY id DESC LIMIT $2"
LINES_OF_ONE = "SELECT position, product FROM lines WHERE order_id = $1"
EVENTS_OF_ONE = "SELECT position, status FROM events WHERE order_id = $1"

# --8<-- [start:show]
LINES = """
    SELECT order_id, position, product
    FROM lines WHERE order_id = ANY($1::int[])
"""
EVENTS = """
    SELECT order_id, position, status
    FROM events WHERE order_id = ANY($1::int[])
"""
JOINED = f"""
    SELECT o.id, l.position, l.product, e.position, e.status
    FROM ({ORDERS}) AS o -- LIMIT counts orders here, not joined rows
    LEFT JOIN lines AS l ON l.order_id = o.id
    LEFT JOIN events AS e ON e.order_id = o.id
    ORDER BY o.id DESC
"""


def by_loop(db: CountingDatabase, customer: int, limit: int) -> Screen:
    screen = {id: Order() for (id,) in db.query(ORDERS, customer, limit)}
    for id, order in screen.items():
        order.lines = dict(db.query(LINES_OF_ONE, id))
        order.events = dict(db.query(EVENTS_OF_ONE, id))
    return screen


def by_join(db: CountingDatabase, customer: int, limit: int) -> Screen:
    screen: Screen = {}
    for id, line, product, event, status in db.query(JOINED, customer, limit):
        order = screen.setdefault(id, Order())
        if line is not None:  # an order without lines still comes, with NULLs
            order.lines[line] = product
        if event is not None:
            order.events[event] = status
    return screen


def by_batches(db: CountingDatabase, customer: int, limit: int) -> Screen:
    screen = {id: Order() for (id,) in db.query(ORDERS, customer, limit)}
    ids = "{" + ",".join(map(str, screen)) + "}"  # a driver binds the list itself
    for id, position, product in db.query(LINES, ids):
        screen[id].lines[position] = product
    for id, position, status in db.query(EVENTS, ids):
        screen[id].events[position] = status
    return screen


# --8<-- [end:show]

Loader = Callable[[CountingDatabase, int, int], Screen]
LOADERS: dict[str, Loader] = {
    "loop": by_loop,
    "join": by_join,
    "batches": by_batches,
}


def text(screen: Screen, id: int) -> str:
    order = screen[id]
    lines = [order.lines[position] for position in sorted(order.lines)]
    events = [order.events[position] for position in sorted(order.events)]
    return f"order {id}: {', '.join(lines) or 'no lines'}; {', '.join(events)}"


def everything(screen: Screen) -> str:
    return "\n".join(text(screen, id) for id in screen)


def one_line(sql: str) -> str:
    return " ".join(sql.split())


def compare(db: Connection, limit: int) -> None:
    print(f"{limit} orders    statements   rows sent   same screen")
    reference = everything(by_loop(CountingDatabase(db), 42, limit))
    for name, load in LOADERS.items():
        counted = CountingDatabase(db)
        same = "yes" if everything(load(counted, 42, limit)) == reference else "no"
        statements, rows = counted.calls.total(), counted.rows.total()
        print(f"  {name:<11}{statements:>10}{rows:>12}{same:>14}")


def main() -> None:
    with postgres.connect() as db:
        db.execute(SCHEMA)
        compare(db, 10)
        compare(db, 50)

        counted = CountingDatabase(db)
        screen = by_loop(counted, 42, 10)
        print("\nThe loop, as the server's statistics see it\ncalls  rows  statement")
        for sql in sorted(counted.calls, key=lambda sql: (-counted.calls[sql], sql)):
            print(f"{counted.calls[sql]:>5}{counted.rows[sql]:>6}  {one_line(sql)}")
        print(f"\n{text(screen, 60)}\n{text(screen, 58)}")


if __name__ == "__main__":
    main()
