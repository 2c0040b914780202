"""Two doctors leave at once: a rule over two rows is broken, then kept."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby

import postgres
from postgres import Connection, PostgresError

SCHEMA = """
    CREATE TABLE shifts (
        id      integer PRIMARY KEY,
        staffed integer NOT NULL CHECK (staffed >= 1)
    );
    CREATE TABLE doctors (
        name     text PRIMARY KEY,
        shift_id integer NOT NULL REFERENCES shifts,
        on_call  boolean NOT NULL
    );
    INSERT INTO shifts VALUES (1, 2);
    INSERT INTO doctors VALUES ('ada', 1, true), ('ben', 1, true);
"""
RESET = "UPDATE shifts SET staffed = 2; UPDATE doctors SET on_call = true"
BLOCKED = """
    SELECT count(*) FROM pg_stat_activity WHERE pid = $1 AND wait_event_type = 'Lock'
"""
PATIENCE_SECONDS = 5

Pause = Callable[[], None]


@dataclass
class Session:
    """A doctor's connection; it notes what it sees and does in a common timeline."""

    name: str
    doctor: str
    db: Connection
    timeline: list[tuple[str, str]]

    def note(self, what: str) -> None:
        self.timeline.append((self.name, what))

    @contextmanager
    def transaction(self, level: str) -> Iterator[None]:
        try:
            with self.db.transaction():
                self.db.execute(level)
                yield
        except PostgresError as error:
            self.note(f"gets {error.code}")
            raise


# --8<-- [start:show]
READ_COMMITTED = "SET TRANSACTION ISOLATION LEVEL READ COMMITTED"
REPEATABLE_READ = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"
SERIALIZABLE = "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE"
COUNT = "SELECT count(*) FROM doctors WHERE shift_id = 1 AND on_call"
LOCK_SHIFT = "SELECT id FROM shifts WHERE id = 1 FOR NO KEY UPDATE"
TAKE_ONE = "UPDATE shifts SET staffed = staffed - 1 WHERE id = 1"
LEAVE = "UPDATE doctors SET on_call = false WHERE name = $1"


def leave_if_covered(session: Session, pause: Pause) -> None:
    """Check, then act: each session writes another row, so no lock ever meets."""
    ((count,),) = session.db.query(COUNT)
    session.note(f"sees {count}")
    if count < 2:
        return session.note("stays")
    pause()
    session.db.execute(LEAVE, session.doctor)
    session.note("leaves")


def unguarded(session: Session, pause: Pause, level: str) -> None:
    with session.transaction(level):
        leave_if_covered(session, pause)


def parent_locked(session: Session, pause: Pause, level: str) -> None:
    """Everybody who changes the shift takes this lock first."""
    with session.transaction(level):
        session.db.query(LOCK_SHIFT)
        leave_if_covered(session, pause)


def counted(session: Session, pause: Pause) -> None:
    """The rule as one row with a CHECK: no read that could be stale."""
    with session.transaction(READ_COMMITTED):
        session.db.execute(TAKE_ONE)
        pause()
        session.db.execute(LEAVE, session.doctor)
        session.note("leaves")


# --8<-- [end:show]


def retry(attempt: Callable[[], None], attempts: int = 3) -> None:
    for left in reversed(range(attempts)):
        try:
            return attempt()
        except PostgresError as error:
            if error.code != "40001" or left == 0:
                raise


def nothing() -> None:
    """Go on without a pause."""


class Experiment:
    def __init__(self, observer: Connection, a: Connection, b: Connection) -> None:
        self.observer = observer
        self.timeline: list[tuple[str, str]] = []
        self.a = Session("A", "ada", a, self.timeline)
        self.b = Session("B", "ben", b, self.timeline)
        ((self.b_pid,),) = b.query("SELECT pg_backend_pid()")

    def run(self, title: str, work: Callable[[], None]) -> None:
        self.timeline.clear()
        self.observer.execute(RESET)
        work()
        turns = groupby(self.timeline, key=lambda event: event[0])
        told = [f"{who} " + ", ".join(what for _, what in did) for who, did in turns]
        ((left,),) = self.observer.query(COUNT)
        print(f"\n{title}\n  {'; '.join(told)}\n  on call: {left}")

    def beside(self, level: str) -> None:
        """B does all its work while A thinks."""
        rivals = [lambda: unguarded(self.b, nothing, level)]

        def pause() -> None:
            if rivals:
                rivals.pop()()

        retry(lambda: unguarded(self.a, pause, level))

    def blocked(
        self, first: Callable[[Pause], None], second: Callable[[], None]
    ) -> None:
        """B starts while A holds its lock, and goes on after A's commit."""
        started: list[Future[None]] = []
        with ThreadPoolExecutor(1) as pool:
            first(lambda: started.append(self.start_b(pool, second)))
            try:
                started[0].result(PATIENCE_SECONDS)
            except PostgresError as error:
                if error.code != "23514":
                    raise

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

    def locked(self, level: str) -> None:
        self.blocked(
            lambda pause: parent_locked(self.a, pause, level),
            lambda: parent_locked(self.b, nothing, level),
        )

    def checked(self) -> None:
        self.blocked(
            lambda pause: counted(self.a, pause), lambda: counted(self.b, nothing)
        )


def main() -> None:
    with (
        postgres.connect() as observer,
        postgres.connect() as a,
        postgres.connect() as b,
    ):
        observer.execute(SCHEMA)
        experiment = Experiment(observer, a, b)
        print("Two doctors on call ask to leave at the same time: one must stay.")
        for title, work in (
            ("no guard, REPEATABLE READ", lambda: experiment.beside(REPEATABLE_READ)),
            ("no guard, SERIALIZABLE, retry", lambda: experiment.beside(SERIALIZABLE)),
            ("shift locked, READ COMMITTED", lambda: experiment.locked(READ_COMMITTED)),
            (
                "shift locked, REPEATABLE READ",
                lambda: experiment.locked(REPEATABLE_READ),
            ),
            ("counter with a CHECK", experiment.checked),
        ):
            experiment.run(title, work)


if __name__ == "__main__":
    main()
