"""Reserve stock, tested four ways, then break the program where one test looks."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from threading import Thread
from typing import Any, Protocol

from postgres import Connection, PostgresError, connect

SCHEMA = """
    CREATE TABLE stock (
        sku     text PRIMARY KEY,
        on_hand integer NOT NULL CHECK (on_hand >= 0)
    )"""
INSERT = "INSERT INTO stock (sku, on_hand) VALUES ($1, $2)"
TAKE = """
    UPDATE stock SET on_hand = on_hand - $2
    WHERE sku = $1 AND on_hand >= $2 RETURNING on_hand"""
numbers = count(1)


class Store(Protocol):
    def take(self, sku: str, quantity: int) -> int | None:
        """Return what is left, or None if there is too little."""

    def on_hand(self, sku: str) -> int: ...


class PostgresStore:
    def __init__(self, db: Connection, take_sql: str) -> None:
        self._db = db
        self._take_sql = take_sql

    def take(self, sku: str, quantity: int) -> int | None:
        rows = self._db.query(self._take_sql, sku, quantity)
        return rows[0][0] if rows else None

    def on_hand(self, sku: str) -> int:
        rows = self._db.query("SELECT on_hand FROM stock WHERE sku = $1", sku)
        return rows[0][0] if rows else 0


class FakeStore:
    def __init__(self, stock: dict[str, int]) -> None:
        self._stock = dict(stock)

    def take(self, sku: str, quantity: int) -> int | None:
        if self.on_hand(sku) < quantity:
            return None
        self._stock[sku] -= quantity
        return self._stock[sku]

    def on_hand(self, sku: str) -> int:
        return self._stock.get(sku, 0)


class LyingStore(FakeStore):
    """Short and handy in tests; it never refuses."""

    def take(self, sku: str, quantity: int) -> int | None:
        self._stock[sku] -= quantity
        return self._stock[sku]


Body = dict[str, Any]
Answer = tuple[int, Body]
Handler = Callable[[str, str, Body], Answer]


@dataclass(frozen=True)
class Program:
    allowed: Callable[[int], bool]
    take_sql: str
    left_field: str
    open_store: Callable[[Connection, str], Store]

    def handler(self, store: Store) -> Handler:
        def handle(method: str, path: str, body: Body) -> Answer:
            if method == "GET":
                return 200, {"on_hand": store.on_hand(path.removeprefix("/stock/"))}
            if not self.allowed(body["quantity"]):
                return 422, {"error": "quantity"}
            left = store.take(body["sku"], body["quantity"])
            if left is None:
                return 409, {"error": "sold_out"}
            return 201, {self.left_field: left}

        return handle


CORRECT = Program(
    allowed=lambda quantity: 1 <= quantity <= 10,
    take_sql=TAKE,
    left_field="left",
    open_store=PostgresStore,
)


@contextmanager
def serve(handler: Handler) -> Iterator[int]:
    class Adapter(BaseHTTPRequestHandler):
        timeout = 5

        def do_POST(self) -> None:
            text = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            body = json.loads(text) if text else {}
            status, answer = handler(self.command, self.path, body)
            data = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST  # noqa: N815

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Adapter) as server:
        thread = Thread(target=server.serve_forever, args=(0.005,))
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def running(program: Program) -> Iterator[int]:
    """Start the program as main() would: its own connection, its own store."""
    with connect() as db:
        store = program.open_store(db, program.take_sql)
        with serve(program.handler(store)) as port:
            yield port


def call(port: int, method: str, path: str, body: Body) -> Answer:
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request(method, path, json.dumps(body))
        response = connection.getresponse()
        return response.status, json.loads(response.read())
    finally:
        connection.close()


@contextmanager
def rolled_back(db: Connection) -> Iterator[None]:
    db.execute("BEGIN")
    try:
        yield
    finally:
        db.execute("ROLLBACK")


class FailedTestError(Exception):
    pass


def check(what: str, holds: bool) -> None:
    if not holds:
        raise FailedTestError(what)


CONTRACT = [  # what checkout sends, and the part of the answer it reads
    ({"cup": 5}, {"sku": "cup", "quantity": 3}, 201, {"left": 2}),
    ({"cup": 2}, {"sku": "cup", "quantity": 3}, 409, {"error": "sold_out"}),
]


# --8<-- [start:show]
def unit(program: Program, _: Connection) -> None:
    """The rule alone: no store, no server, every boundary."""
    for quantity, wanted in [(0, False), (1, True), (10, True), (11, False)]:
        check(f"{quantity} items", program.allowed(quantity) == wanted)


def database(program: Program, db: Connection) -> None:
    """The real statement on the real PostgreSQL; nothing stays."""
    with rolled_back(db):
        db.execute(INSERT, "cup", 5)
        store_rules(PostgresStore(db, program.take_sql))


def store_rules(store: Store) -> None:
    """True for every store that may stand in for another, fakes included."""
    check("3 of 5 leave 2", store.take("cup", 3) == 2)
    check("3 of 2 are refused", store.take("cup", 3) is None)
    check("a refusal takes nothing", store.on_hand("cup") == 2)


def contract(program: Program, _: Connection) -> None:
    """What the consumer relies on, asked of the running provider."""
    for given, request, status, body in CONTRACT:
        with serve(program.handler(FakeStore(given))) as port:
            verify(port, request, status, body)


def verify(port: int, request: Body, status: int, body: Body) -> None:
    got_status, got = call(port, "POST", "/reservations", request)
    check(f"status {status}", got_status == status)
    for field, sample in body.items():  # more fields than these do no harm
        value = got.get(field)
        code = isinstance(sample, str)  # codes by value, figures by type
        check(field, value == sample if code else type(value) is type(sample))


def end_to_end(program: Program, db: Connection) -> None:
    """The program as it is started: a reservation survives a restart."""
    sku = f"cup-{next(numbers)}"  # no other test and no earlier run has this row
    db.execute(INSERT, sku, 5)
    try:
        with running(program) as port:
            order = {"sku": sku, "quantity": 3}
            check("created", call(port, "POST", "/reservations", order)[0] == 201)
        with running(program) as port:
            _, got = call(port, "GET", f"/stock/{sku}", {})
            check("still reserved after a restart", got["on_hand"] == 2)
    finally:
        db.execute("DELETE FROM stock WHERE sku = $1", sku)


# --8<-- [end:show]

Test = Callable[[Program, Connection], None]
TESTS: dict[str, Test] = {
    "unit": unit,
    "database": database,
    "contract": contract,
    "end-to-end": end_to_end,
}
PROGRAMS = {
    "none": CORRECT,
    "limit of 10 excluded": replace(CORRECT, allowed=lambda n: 1 <= n < 10),
    "UPDATE forgets on_hand >= $2": replace(
        CORRECT, take_sql=TAKE.replace("AND on_hand >= $2", "")
    ),
    "field renamed to remaining": replace(CORRECT, left_field="remaining"),
    "starts with the fake store": replace(
        CORRECT, open_store=lambda *_: FakeStore({f"cup-{n}": 5 for n in range(99)})
    ),
}


def shuffled(names: list[str], seed: int) -> list[str]:
    order = list(names)
    for last in range(len(order) - 1, 0, -1):
        seed = (seed * 1103515245 + 12345) % 2**31
        other = (seed >> 16) % (last + 1)
        order[last], order[other] = order[other], order[last]
    return order


def verdict(test: Test, program: Program, db: Connection) -> str:
    try:
        test(program, db)
    except (FailedTestError, PostgresError):
        return "FAIL"
    return "pass"


def told(work: Callable[[], None]) -> str:
    try:
        work()
    except FailedTestError as failure:
        return f"lies, broken: {failure}"
    return "honest"


def against(stub: Callable[[Answer], Answer]) -> None:
    for _, request, status, body in CONTRACT:
        answer = stub((status, body))
        with serve(lambda *_, answer=answer: answer) as port:
            verify(port, request, status, body)


def main() -> None:
    with connect() as db:
        db.execute(SCHEMA)
        for seed in (1, 2, 3):
            order = shuffled(list(TESTS), seed)
            passed = sum(verdict(TESTS[n], CORRECT, db) == "pass" for n in order)
            print(f"seed {seed}: {', '.join(order)}: {passed} pass")
        print(f"rows left behind: {db.query('SELECT count(*) FROM stock')[0][0]}")
        try:
            db.execute(INSERT, "cup", 5)
            db.execute(INSERT, "cup", 5)
        except PostgresError as error:
            print(f"the same row inserted twice, no rollback: {error.code}")
        db.execute("DELETE FROM stock")

        print(
            f"\n{'what was broken':<30}" + "".join(f"{n:<11}" for n in TESTS).rstrip()
        )
        for change, program in PROGRAMS.items():
            row = "".join(f"{verdict(t, program, db):<11}" for t in TESTS.values())
            print(f"{change:<30}{row}".rstrip())

    print(f"\n{'double':<30}when the shared test runs on it")
    fake, liar = FakeStore({"cup": 5}), LyingStore({"cup": 5})
    print(f"{'fake store':<30}{told(lambda: store_rules(fake))}")
    print(f"{'fake store, simplified':<30}{told(lambda: store_rules(liar))}")
    print(f"{'stub from the contract':<30}{told(lambda: against(lambda a: a))}")
    from_memory = told(lambda: against(lambda _: (201, {"left": 2})))
    print(f"{'stub written from memory':<30}{from_memory}")


if __name__ == "__main__":
    main()
