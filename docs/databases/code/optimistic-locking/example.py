"""Two sessions withdraw at once: one update is lost, then four ways keep both."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

import postgres
from postgres import Connection, PostgresError

SCHEMA = """
    CREATE TABLE accounts (
        id      integer PRIMARY KEY,
        balance integer NOT NULL CHECK (balance >= 0),
        version integer NOT NULL
    );
    INSERT INTO accounts VALUES (1, 100, 1);
"""
RESET = "UPDATE accounts SET balance = 100, version = 1 WHERE id = 1"
BLOCKED = """
    SELECT count(*) FROM pg_stat_activity WHERE pid = $1 AND wait_event_type = 'Lock'
"""
PATIENCE_SECONDS = 5

Pause = Callable[[], None]


class Account(NamedTuple):
    balance: int
    version: int


class StaleError(Exception):
    """Somebody else wrote since the read."""


@dataclass
class Session:
    """A connection that notes what it sees and does in a common timeline."""

    name: str
    db: Connection
    timeline: list[tuple[str, str]]

    def note(self, what: str) -> None:
        self.timeline.append((self.name, what))

    @contextmanager
    def transaction(self, level: str) -> Iterator[None]:
        with self.db.transaction():
            self.db.execute(level)
            yield

    def read(self, sql: str) -> Account:
        account = Account(*self.db.query(sql)[0])
        self.note(f"reads {account.balance}")
        return account

    def write(self, sql: str, *args: int) -> bool:
        """Tell whether the statement met the row."""
        try:
            rows = self.db.query(sql, *args)
        except PostgresError as error:
            self.note(f"gets {error.code}")
            raise
        self.note(f"writes {rows[0][0]}" if rows else "meets no row")
        return bool(rows)


# --8<-- [start:show]
READ_COMMITTED = "SET TRANSACTION ISOLATION LEVEL READ COMMITTED"
REPEATABLE_READ = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"
READ = "SELECT balance, version FROM accounts WHERE id = 1"
LOCK = "SELECT balance, version FROM accounts WHERE id = 1 FOR UPDATE"
WRITE = "UPDATE accounts SET balance = $1 WHERE id = 1 RETURNING balance"
SUBTRACT = "UPDATE accounts SET balance = balance - $1 WHERE id = 1 RETURNING balance"
WRITE_VERSION = """
    UPDATE accounts SET balance = $1, version = version + 1
    WHERE id = 1 AND version = $2 RETURNING balance
"""


def read_then_write(
    session: Session, amount: int, pause: Pause, level: str, read: str
) -> None:
    """At READ COMMITTED a write during the pause is lost, unless LOCK made it wait."""
    with session.transaction(level):
        account = session.read(read)
        pause()
        session.write(WRITE, account.balance - amount)


def atomic_update(session: Session, amount: int) -> None:
    """Let the server subtract: it locks the row and uses its newest version."""
    session.write(SUBTRACT, amount)


def version_check(session: Session, amount: int, pause: Pause) -> None:
    """Hold no lock at all; a write during the pause leaves no row to meet."""
    account = session.read(READ)
    pause()
    if not session.write(WRITE_VERSION, account.balance - amount, account.version):
        raise StaleError


def retry(attempt: Callable[[], None], attempts: int = 3) -> None:
    """After a conflict run the whole attempt again, from its first read on."""
    for left in reversed(range(attempts)):
        try:
            return attempt()
        except (StaleError, PostgresError) as error:
            conflict = isinstance(error, StaleError) or error.code == "40001"
            if not conflict or left == 0:
                raise


# --8<-- [end:show]


def once(work: Pause) -> Pause:
    """Work at the first call only: a retry must not bring the rival back."""
    pending = [work]
    return lambda: pending.pop()() if pending else None


def nothing() -> None:
    """Go on without a pause."""


class Experiment:
    def __init__(self, observer: Connection, a: Connection, b: Connection) -> None:
        self.observer = observer
        self.timeline: list[tuple[str, str]] = []
        self.a = Session("A", a, self.timeline)
        self.b = Session("B", b, self.timeline)
        ((self.b_pid,),) = b.query("SELECT pg_backend_pid()")

    def run(self, title: str, work: Callable[[], None]) -> None:
        self.timeline.clear()
        self.observer.execute(RESET)
        work()
        print(f"\n{title}")
        turns = groupby(self.timeline, key=lambda event: event[0])
        told = [f"{who} " + ", ".join(what for _, what in did) for who, did in turns]
        print(f"  {'; '.join(told)}")
        ((left,),) = self.observer.query("SELECT balance FROM accounts WHERE id = 1")
        lost = {70: "nothing", 80: "the 10 of A", 90: "the 20 of B"}[left]
        print(f"  {left} left, lost: {lost}")

    def start_b(self, pool: ThreadPoolExecutor, work: Pause) -> Future[None]:
        """Start work of B and return when the server says that it waits for a lock."""
        future = pool.submit(work)
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not self.observer.query(BLOCKED, self.b_pid)[0][0]:
            if future.done() or time.monotonic() > deadline:
                raise TimeoutError("B never waited for a lock")
            time.sleep(0.005)
        self.b.note("waits")
        return future

    def lost_update(self) -> None:
        def rival() -> None:
            read_then_write(self.a, 10, nothing, READ_COMMITTED, READ)

        read_then_write(self.b, 20, rival, READ_COMMITTED, READ)

    def atomic(self) -> None:
        with ThreadPoolExecutor(1) as pool:
            with self.a.transaction(READ_COMMITTED):
                atomic_update(self.a, 10)
                waiting = self.start_b(pool, lambda: atomic_update(self.b, 20))
            waiting.result(PATIENCE_SECONDS)

    def version(self) -> None:
        rival = once(lambda: version_check(self.a, 10, nothing))
        retry(lambda: version_check(self.b, 20, rival))

    def locked(self) -> None:
        def work() -> None:
            read_then_write(self.b, 20, nothing, READ_COMMITTED, LOCK)

        started: list[Future[None]] = []
        with ThreadPoolExecutor(1) as pool:

            def rival() -> None:
                started.append(self.start_b(pool, work))

            read_then_write(self.a, 10, rival, READ_COMMITTED, LOCK)
            started[0].result(PATIENCE_SECONDS)

    def snapshot(self) -> None:
        rival = once(
            lambda: read_then_write(self.a, 10, nothing, REPEATABLE_READ, READ)
        )
        retry(lambda: read_then_write(self.b, 20, rival, REPEATABLE_READ, READ))


def main() -> None:
    with (
        postgres.connect() as observer,
        postgres.connect() as a,
        postgres.connect() as b,
    ):
        observer.execute(SCHEMA)
        experiment = Experiment(observer, a, b)
        print("From 100, A takes 10 and B takes 20 at the same time: 70 must be left.")
        experiment.run("read, then write, READ COMMITTED", experiment.lost_update)
        experiment.run("atomic UPDATE", experiment.atomic)
        experiment.run("version column, retry", experiment.version)
        experiment.run("SELECT ... FOR UPDATE", experiment.locked)
        experiment.run("REPEATABLE READ, retry", experiment.snapshot)


if __name__ == "__main__":
    main()
