"""Transfers between accounts: all or nothing, tried again where that is safe."""

import random
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

import postgres
from postgres import Connection, PostgresError

SCHEMA = """
    CREATE TABLE accounts (
        id    integer PRIMARY KEY,
        coins integer NOT NULL CONSTRAINT not_overdrawn CHECK (coins >= 0)
    );
    CREATE TABLE transfers (
        key       text PRIMARY KEY,
        source_id integer NOT NULL REFERENCES accounts,
        target_id integer NOT NULL REFERENCES accounts,
        coins     integer NOT NULL CHECK (coins > 0)
    );
    INSERT INTO accounts VALUES (1, 100), (2, 100), (3, 100);
"""
BLOCKED = """
    SELECT count(*) FROM pg_stat_activity WHERE pid = $1 AND wait_event_type = 'Lock'
"""
PATIENCE_SECONDS = 5

Work = Callable[[], object]


def nothing() -> None:
    """Go on without a pause."""


# --8<-- [start:show]
SERIALIZABLE = "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE"
CLAIM = "INSERT INTO transfers VALUES ($1, $2, $3, $4) ON CONFLICT (key) DO NOTHING"
MOVE = "UPDATE accounts SET coins = coins + $1 WHERE id = $2"
TRANSIENT = {"40001", "40P01"}  # serialization failure, deadlock


def transfer(
    db: Connection, key: str, source: int, target: int, coins: int, between: Work
) -> str:
    """One transaction: the key, the credit and the debit, or none of them."""
    with db.transaction():
        db.execute(SERIALIZABLE)
        if db.execute(CLAIM, key, source, target, coins) == 0:
            return "done before"
        move(db, coins, target)
        between()
        move(db, -coins, source)  # the CHECK refuses what is not there
    return "moved"


def move(db: Connection, coins: int, account: int) -> None:
    """An UPDATE that meets no row is no error: count."""
    if db.execute(MOVE, coins, account) != 1:
        raise LookupError(f"no account {account}")


def retry(
    attempt: Callable[[], str],
    attempts: int = 4,
    wait: Callable[[float], None] = time.sleep,
) -> str:
    """Run the whole transaction again, if the server says that this may help."""
    for number in range(1, attempts + 1):
        try:
            return attempt()
        except PostgresError as error:
            if error.code not in TRANSIENT or number == attempts:
                raise
        wait(random.uniform(0, 0.01 * 2**number))  # full jitter: rivals part
    raise ValueError("no attempts")


# --8<-- [end:show]


class Experiment:
    def __init__(self, observer: Connection, a: Connection, b: Connection) -> None:
        self.observer, self.a, self.b = observer, a, b
        ((self.b_pid,),) = b.query("SELECT pg_backend_pid()")

    def run(
        self,
        title: str,
        key: str,
        coins: int,
        first: Work = nothing,
        then: Work = nothing,
    ) -> None:
        """Move coins from 1 to 2; run `first` between the updates of attempt one."""
        print(f"\n{title}")
        pending = [first]
        number = 0

        def between() -> None:
            if pending:
                pending.pop()()

        def attempt() -> str:
            nonlocal number
            number += 1
            try:
                answer = transfer(self.a, key, 1, 2, coins, between)
            except PostgresError as error:
                print(f"  attempt {number}: {error.code}")
                then()
                raise
            print(f"  attempt {number}: {answer}")
            return answer

        try:
            retry(attempt)
        except PostgresError as error:
            print(f"  given up: {error.code}")
        self.balances()

    def balances(self) -> None:
        rows = self.observer.query("SELECT coins FROM accounts ORDER BY id")
        held = [coins for (coins,) in rows]
        print(f"  held: {' '.join(map(str, held))}, sum {sum(held)}")

    def look(self) -> None:
        sql = "SELECT coins FROM accounts WHERE id = 2"
        own, other = self.a.query(sql)[0][0], self.observer.query(sql)[0][0]
        print(f"  between the updates account 2 has {own}, for others still {other}")

    def start_b(self, pool: ThreadPoolExecutor, work: Work) -> Future[object]:
        """Start work of B and return when the server says that it waits for a lock."""
        future = pool.submit(work)
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not self.observer.query(BLOCKED, self.b_pid)[0][0]:
            if future.done() or time.monotonic() > deadline:
                raise TimeoutError("B never waited for a lock")
            time.sleep(0.005)
        return future

    def rival_commits(self) -> None:
        transfer(self.b, "t4", 1, 3, 10, nothing)

    def deadlock(self) -> None:
        # A looks for a deadlock after 10 ms, B much later: A will be the victim.
        self.a.execute("SET deadlock_timeout = '10ms'")
        self.b.execute("SET deadlock_timeout = '4s'")
        started: list[Future[object]] = []
        with ThreadPoolExecutor(1) as pool:

            def rival() -> str:
                return transfer(self.b, "t6", 2, 1, 5, nothing)

            def crossing() -> None:
                started.append(self.start_b(pool, rival))

            def finish() -> None:
                started[0].result(PATIENCE_SECONDS)

            title = "t5: 1 pays 20 to 2, while t6 pays 5 from 2 to 1"
            self.run(title, "t5", 20, crossing, finish)


def main() -> None:
    with (
        postgres.connect() as observer,
        postgres.connect() as a,
        postgres.connect() as b,
    ):
        observer.execute(SCHEMA)
        print("Three accounts with 100 coins each: the sum must stay 300.")
        experiment = Experiment(observer, a, b)
        experiment.run("t1: 1 pays 30 to 2", "t1", 30)
        experiment.run("t2: 1 pays 900 to 2", "t2", 900, experiment.look)
        title = "t3: 1 pays 20 to 2, t4 commits 10 from 1 to 3 in between"
        experiment.run(title, "t3", 20, experiment.rival_commits)
        experiment.deadlock()
        experiment.run("t5 again: the client never got the answer", "t5", 20)


if __name__ == "__main__":
    main()
