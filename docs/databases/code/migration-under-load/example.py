"""Four writers keep going while a table changes: the blunt way, then the online way."""

import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack

import postgres
from postgres import Connection, PostgresError

ROWS, WRITERS = 4000, 4
SCHEMA = f"""
    CREATE TABLE orders (id integer PRIMARY KEY, note text NOT NULL);
    INSERT INTO orders SELECT n, 'n' || n FROM generate_series(1, {ROWS}) AS n;
"""
WRITE = "UPDATE orders SET note = note || '.' WHERE id = $1"
WRITE_BOTH = """
    UPDATE orders SET note = note || '.', upper_note = upper(note || '.') WHERE id = $1
"""
WAITS = """
    SELECT count(*) FROM pg_locks
    WHERE relation = 'orders'::regclass AND mode = 'AccessExclusiveLock' AND NOT granted
"""
VERIFY = "SELECT count(*) FROM orders WHERE upper_note IS DISTINCT FROM upper(note)"
LOCK_NOT_AVAILABLE = "55P03"


# --8<-- [start:show]
def alter(db: Connection, ddl: str, lock_ms: int, attempts: int) -> int:
    """Ask for the lock, briefly and again, so that nobody has to queue for long."""
    for attempt in range(1, attempts + 1):
        try:
            with db.transaction():
                db.execute(f"SET LOCAL lock_timeout = {lock_ms}")
                db.execute(ddl)
            return attempt
        except PostgresError as error:
            if error.code != LOCK_NOT_AVAILABLE or attempt == attempts:
                raise
            time.sleep(0.05)  # in production seconds, growing, with jitter
    raise ValueError("attempts must be at least 1")


FILL = """
    UPDATE orders SET upper_note = upper(note)
    WHERE id > $1 AND id <= $2 AND upper_note IS DISTINCT FROM upper(note)
"""


def back_fill(db: Connection, size: int) -> int:
    """Commit every batch: a row is locked for milliseconds, not for the whole run."""
    batches = 0
    for after in range(0, ROWS, size):
        db.execute(FILL, after, after + size)
        batches += 1
        time.sleep(0.001)  # in production: while replicas lag, wait
    return batches


# --8<-- [end:show]


class Load:
    """Writers with a connection each, and what became of their statements."""

    def __init__(
        self, connections: list[Connection], timeout_ms: int, statement: str = WRITE
    ) -> None:
        self.connections = connections
        self.statement = statement
        for db in connections:
            db.execute(f"SET statement_timeout = {timeout_ms}")

    def once(self) -> Counter[str]:
        """One statement of each writer, all at the same time."""
        with ThreadPoolExecutor(WRITERS) as pool:
            return Counter(pool.map(self._write, range(WRITERS), [1] * WRITERS))

    def during(self, work: Callable[[], None]) -> Counter[str]:
        """Write without pause until the work is done, each writer at least once."""
        stop = threading.Event()

        def keep_writing(writer: int) -> Counter[str]:
            outcomes = Counter[str]()
            while not outcomes or not stop.is_set():
                outcomes[self._write(writer, outcomes.total())] += 1
            return outcomes

        with ThreadPoolExecutor(WRITERS) as pool:
            running = [pool.submit(keep_writing, n) for n in range(WRITERS)]
            try:
                work()
            finally:
                stop.set()
            return sum((each.result() for each in running), Counter())

    def _write(self, writer: int, turn: int) -> str:
        row = turn * 37 * WRITERS % ROWS + writer + 1  # every writer has its own rows
        try:
            self.connections[writer].execute(self.statement, row)
            return "done"
        except PostgresError as error:
            return error.code


def told(outcomes: Counter[str]) -> str:
    failed = {code: n for code, n in outcomes.items() if code != "done"}
    if not failed:
        return "0 failed"
    codes = " and ".join(sorted(failed))
    return f"{sum(failed.values())} of {outcomes.total()} failed with {codes}"


def until_it_waits(observer: Connection, work: Future[int]) -> None:
    limit = time.monotonic() + 5
    while not observer.query(WAITS)[0][0]:
        if work.done() or time.monotonic() > limit:
            raise TimeoutError("the ALTER never waited")
        time.sleep(0.005)


def main() -> None:
    with ExitStack() as stack:
        names = ("observer", "report", "migration")
        observer, report, migration = (
            stack.enter_context(postgres.connect()) for _ in names
        )
        writers = [stack.enter_context(postgres.connect()) for _ in range(WRITERS)]
        observer.execute(SCHEMA)
        pool = stack.enter_context(ThreadPoolExecutor(1))

        print("ALTER TABLE while a report has read the table and stays open")
        load = Load(writers, timeout_ms=300)
        add = "ALTER TABLE orders ADD COLUMN upper_note text"
        with report.transaction():
            report.query("SELECT count(*) FROM orders")
            blunt = pool.submit(migration.execute, add)
            until_it_waits(observer, blunt)
            print(f"  it waits without limit: {told(load.once())}")
        blunt.result(5)
        observer.execute("ALTER TABLE orders DROP COLUMN upper_note")

        load = Load(writers, timeout_ms=4000)
        attempts: list[int] = []

        def patient() -> None:
            with report.transaction():
                report.query("SELECT count(*) FROM orders")
                future = pool.submit(alter, migration, add, 50, 100)
                until_it_waits(observer, future)
                time.sleep(0.2)  # the report goes on for several attempts
            attempts.append(future.result(10))

        outcomes = load.during(patient)
        print(f"  lock_timeout and retries: {told(outcomes)}")
        print(f"  it needed more than one attempt: {attempts[0] > 1}")

        print("Back-fill of 4000 rows")
        load = Load(writers, timeout_ms=300)
        with migration.transaction():
            migration.execute(FILL, 0, ROWS)
            print(f"  one UPDATE, not committed yet: {told(load.once())}")
        migration.execute("UPDATE orders SET upper_note = NULL")

        # Online: the application writes both columns by now.
        load = Load(writers, timeout_ms=4000, statement=WRITE_BOTH)
        done: list[int] = []
        outcomes = load.during(lambda: done.append(back_fill(migration, 200)))
        print(f"  {done[0]} batches: {told(outcomes)}")
        print(f"  rows that are wrong: {observer.query(VERIFY)[0][0]}")


if __name__ == "__main__":
    main()
