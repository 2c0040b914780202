"""Bank accounts as events: conflicts, projections, snapshots, a destroyed key."""

import json
import os
import threading
from base64 import b64decode, b64encode
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import NamedTuple

import postgres
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from postgres import Connection, PostgresError

SCHEMA = """
    CREATE TABLE events (
        position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        stream   text    NOT NULL,
        version  integer NOT NULL CHECK (version > 0),
        type     text    NOT NULL,
        data     jsonb   NOT NULL,
        UNIQUE (stream, version)
    );
    CREATE TABLE snapshots (
        stream text PRIMARY KEY, version integer NOT NULL, cents integer NOT NULL,
        fold integer NOT NULL
    );
    CREATE TABLE checkpoints (name text PRIMARY KEY, position bigint NOT NULL);
    INSERT INTO checkpoints VALUES ('balances', 0), ('holders', 0);
    CREATE TABLE balances (account text PRIMARY KEY, cents integer NOT NULL);
    CREATE TABLE holders (account text PRIMARY KEY, name text NOT NULL);
    -- No key: erased. No row: unknown, which is an error.
    CREATE TABLE subject_keys (subject text PRIMARY KEY, key text);
"""
CLERKS = 8
FOLD = 1  # raise it with every change of Account.apply
PATIENCE_SECONDS = 5


class ConflictError(Exception):
    """Somebody else has appended since the read."""


class RefusedError(Exception):
    """The account's rules say no."""


class CrashError(Exception):
    """The projector dies."""


class Event(NamedTuple):
    position: int
    stream: str
    version: int
    type: str
    data: dict[str, object]


@dataclass
class Account:
    version: int = 0
    cents: int = 0
    events_read: int = 0

    def apply(self, event: Event) -> None:
        match event.type:
            case "Deposited":
                self.cents += event.data["cents"]
            case "Withdrawn":
                self.cents -= event.data["cents"]
        self.version = event.version
        self.events_read += 1


Handler = Callable[[Connection, Event], None]


def no_pause() -> None:
    """Go on at once."""


def load(db: Connection, stream: str, snapshots: bool = True) -> Account:
    account = Account()
    if snapshots:
        sql = "SELECT version, cents FROM snapshots WHERE stream = $1 AND fold = $2"
        for version, cents in db.query(sql, stream, FOLD):
            account = Account(version, cents)
    for event in read(db, "stream = $1 AND version > $2", stream, account.version):
        account.apply(event)
    return account


# --8<-- [start:show]
def append(
    db: Connection, stream: str, expected: int, kind: str, data: dict[str, object]
) -> None:
    """The unique key on (stream, version) lets one writer follow a version."""
    try:
        with db.transaction():
            db.query("SELECT pg_advisory_xact_lock(1)")  # positions in commit order
            db.execute(
                "INSERT INTO events (stream, version, type, data)"
                " VALUES ($1, $2, $3, $4)",
                *(stream, expected + 1, kind, json.dumps(data)),
            )
    except PostgresError as error:
        if error.code == "23505":
            raise ConflictError from error
        raise


def withdraw(
    db: Connection, stream: str, cents: int, pause: Callable[[], None] = no_pause
) -> int:
    """Return the number of conflicts. Each attempt reads and decides again."""
    for conflicts in range(CLERKS + 1):
        account = load(db, stream)
        pause()
        if account.cents < cents:
            raise RefusedError(account.cents)
        try:
            append(db, stream, account.version, "Withdrawn", {"cents": cents})
            return conflicts
        except ConflictError:
            continue
    raise ConflictError


def catch_up(db: Connection, name: str, handle: Handler) -> None:
    """Rows and checkpoint commit together; FOR UPDATE lets one projector in."""
    with db.transaction():
        sql = "SELECT position FROM checkpoints WHERE name = $1 FOR UPDATE"
        ((position,),) = db.query(sql, name)
        for event in read(db, "position > $1", position):
            handle(db, event)
            position = event.position
        sql = "UPDATE checkpoints SET position = $2 WHERE name = $1"
        db.execute(sql, name, position)


# --8<-- [end:show]


def read(db: Connection, where: str, *args: str | int) -> list[Event]:
    """Where is one of the two constants above, never input."""
    rows = db.query(
        "SELECT position, stream, version, type, data FROM events"
        f" WHERE {where} ORDER BY position",
        *args,
    )
    return [Event(*row[:4], json.loads(row[4])) for row in rows]


def seal(db: Connection, subject: str, place: str, text: str) -> str:
    """In production the key is wrapped by a KMS, and backed up apart from events."""
    key, nonce = os.urandom(32), os.urandom(12)
    sealed = nonce + AESGCM(key).encrypt(nonce, text.encode(), place.encode())
    encoded = b64encode(key).decode()
    db.execute("INSERT INTO subject_keys VALUES ($1, $2)", subject, encoded)
    return b64encode(sealed).decode()


def unseal(db: Connection, subject: str, place: str, sealed: str) -> str:
    rows = db.query("SELECT key FROM subject_keys WHERE subject = $1", subject)
    if not rows:
        raise KeyError(subject)  # a lost key is no erasure
    ((encoded,),) = rows
    if encoded is None:
        return "[erased]"
    raw = b64decode(sealed)
    key = AESGCM(b64decode(encoded))
    return key.decrypt(raw[:12], raw[12:], place.encode()).decode()


def open_account(db: Connection, stream: str, subject: str, name: str) -> None:
    sealed = seal(db, subject, f"{stream}|name", name)
    append(db, stream, 0, "Opened", {"subject": subject, "name": sealed})


def balances(db: Connection, event: Event) -> None:
    if event.type == "Opened":
        db.execute("INSERT INTO balances VALUES ($1, 0)", event.stream)
        return
    sign = -1 if event.type == "Withdrawn" else 1
    db.execute(
        "UPDATE balances SET cents = cents + $2 WHERE account = $1",
        *(event.stream, sign * event.data["cents"]),
    )


def holders(db: Connection, event: Event) -> None:
    if event.type == "Opened":
        place = f"{event.stream}|name"
        name = unseal(db, event.data["subject"], place, event.data["name"])
        db.execute("INSERT INTO holders VALUES ($1, $2)", event.stream, name)


PROJECTIONS = {"balances": balances, "holders": holders}
SHOW = {
    "balances": "SELECT account, cents FROM balances ORDER BY account",
    "holders": "SELECT account, name FROM holders ORDER BY account",
}
CLEAR = {"balances": "DELETE FROM balances", "holders": "DELETE FROM holders"}


def rows_of(db: Connection, name: str) -> str:
    rows = db.query(SHOW[name])
    return "  ".join(f"{account} {value}" for account, value in rows) or "nothing"


def rebuild(db: Connection, name: str) -> None:
    """Beside a live reader: into a new table, then rename."""
    with db.transaction():
        db.execute("UPDATE checkpoints SET position = 0 WHERE name = $1", name)
        db.execute(CLEAR[name])
    catch_up(db, name, PROJECTIONS[name])


def line(label: str, text: str) -> None:
    print(f"  {label:<32}{text}")


def same(before: str, after: str) -> str:
    return "the same" if before == after else f"different: {after}"


def conflicts(db: Connection, rival: Connection) -> None:
    """A rival writes once, between our read and our append."""

    def attempt(cents: int, rivals: int) -> str:
        pending = [rivals]

        def pause() -> None:
            if pending:
                withdraw(rival, "acc-1", pending.pop())

        try:
            met = withdraw(db, "acc-1", cents, pause)
        except RefusedError as error:
            return f"conflict, decided again: refused at {error}"
        version = load(db, "acc-1").version
        return f"{met} conflict, decided again: stored as version {version}"

    line("take 6000, a rival takes 7000", attempt(6000, 7000))
    line("take 2000, a rival takes 500", attempt(2000, 500))


def clerks(db: Connection) -> None:
    barrier = threading.Barrier(CLERKS)

    def clerk() -> tuple[int, str]:
        first = [lambda: barrier.wait(PATIENCE_SECONDS)]

        def pause() -> None:
            nonlocal reads
            reads += 1
            if first:
                first.pop()()

        reads = 0
        with postgres.connect() as own:
            try:
                withdraw(own, "acc-2", 1000, pause)
            except RefusedError:
                return reads, "refused"
        return reads, "stored"

    with ThreadPoolExecutor(CLERKS) as pool:
        done = list(pool.map(lambda _: clerk(), range(CLERKS)))
    at_first = sum(reads == 1 for reads, _ in done)
    outcomes = [outcome for _, outcome in done]
    line("first append", f"{at_first} stored, {CLERKS - at_first} conflicts")
    ((last, total),) = db.query(
        "SELECT max(version), count(*) FROM events WHERE stream = 'acc-2'"
    )
    left = load(db, "acc-2").cents
    stored, refused = outcomes.count("stored"), outcomes.count("refused")
    line("in the end", f"{stored} stored, {refused} refused, {left} left")
    line("versions", f"1 to {last}, {total} events")


def projections(db: Connection) -> dict[str, str]:
    def dying(db: Connection, event: Event) -> None:
        balances(db, event)
        if event.type == "Withdrawn":
            raise CrashError

    try:
        catch_up(db, "balances", dying)
    except CrashError:
        ((at,),) = db.query("SELECT position FROM checkpoints WHERE name = 'balances'")
        line(
            "dies at the first withdrawal",
            f"{rows_of(db, 'balances')} kept, checkpoint {at}",
        )
    for name, handle in PROJECTIONS.items():
        catch_up(db, name, handle)
    seen = {name: rows_of(db, name) for name in PROJECTIONS}
    for name in PROJECTIONS:
        line(name, seen[name])
    for name in PROJECTIONS:
        rebuild(db, name)
    after = {name: rows_of(db, name) for name in PROJECTIONS}
    line("both rebuilt from zero", same(str(seen), str(after)))
    return seen


def snapshot(db: Connection) -> None:
    account = load(db, "acc-1")
    db.execute(
        "INSERT INTO snapshots VALUES ($1, $2, $3, $4)",
        *("acc-1", account.version, account.cents, FOLD),
    )
    append(db, "acc-1", account.version, "Deposited", {"cents": 100})
    for label, use in (("full replay", False), ("snapshot and tail", True)):
        account = load(db, "acc-1", snapshots=use)
        line(label, f"{account.cents} cents, events read: {account.events_read}")


def erase(db: Connection) -> None:
    for name, handle in PROJECTIONS.items():
        catch_up(db, name, handle)
    before = rows_of(db, "balances")
    db.execute("UPDATE subject_keys SET key = NULL WHERE subject = $1", "ada")
    line("holders, not rebuilt yet", rows_of(db, "holders"))
    for name in PROJECTIONS:
        rebuild(db, name)
    line("holders, rebuilt", rows_of(db, "holders"))
    line("balances, rebuilt", same(before, rows_of(db, "balances")))


def main() -> None:
    with postgres.connect() as db, postgres.connect() as rival:
        db.execute(SCHEMA)
        open_account(db, "acc-1", "ada", "Ada")
        append(db, "acc-1", 1, "Deposited", {"cents": 10000})
        print("acc-1 holds 10000 cents at version 2")
        conflicts(db, rival)
        open_account(db, "acc-2", "ben", "Ben")
        append(db, "acc-2", 1, "Deposited", {"cents": 5000})
        print("acc-2 holds 5000; eight clerks read version 2, each takes 1000")
        clerks(db)
        print("projections")
        projections(db)
        print("acc-1, snapshot at version 5, then one more event")
        snapshot(db)
        print("Ada's key destroyed")
        erase(db)


if __name__ == "__main__":
    main()
