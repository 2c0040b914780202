"""Prove the client: types, bound values, errors, transactions, two sessions."""

from collections.abc import Callable

import postgres
from postgres import Connection, PostgresError

SCHEMA = """
    CREATE TABLE users (
        id    integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        email text NOT NULL UNIQUE
    );
    INSERT INTO users (email) VALUES ('ada@shop.test'), ('ben@shop.test');
"""
INSERT = "INSERT INTO users (email) VALUES ($1)"
HOSTILE = "x'); DROP TABLE users; --"
PASTED = f"INSERT INTO users (email) VALUES ('{HOSTILE}')"  # what nobody may write
TYPED = "SELECT $1::int2, $2::int8, $3::bool, $4::text, $5::numeric, $6::int4"
VALUES = [
    ("int2", "-7", -7),
    ("int8", "9007199254740991", 9007199254740991),
    ("bool", "false", False),
    ("text", "9 bytes of UTF-8", "\u017e \u20ac \u00fc"),
    ("numeric", "12.50", "12.50"),
    ("int4", "NULL", None),
]
KINDS = {bool: "boolean", int: "integer", str: "text", type(None): "nothing"}


def users(db: Connection) -> int:
    return db.query("SELECT count(*) FROM users")[0][0]


def attempt(db: Connection, label: str, work: Callable[[], object]) -> None:
    """Run work; the count that follows proves that the connection still works."""
    try:
        work()
        outcome = "done"
    except PostgresError as error:
        outcome = error.code
    print(f"  {label:<31}{outcome:<7}{users(db)}")


def types(db: Connection) -> None:
    print("type     bound             comes back as")
    (row,) = db.query(TYPED, *(value for _, _, value in VALUES))
    for (name, label, sent), got in zip(VALUES, row, strict=True):
        same = "the same" if got == sent else "another"
        print(f"{name:<9}{label:<18}{KINDS[type(got)]}, {same}")


def hostile_value(db: Connection) -> None:
    print(f"\n{'value: ' + HOSTILE:<33}answer users")
    attempt(db, "bound as $1", lambda: db.execute(INSERT, HOSTILE))
    attempt(db, "pasted, extended query", lambda: db.query(PASTED))
    db.execute("BEGIN")
    db.execute(PASTED)
    gone = db.query("SELECT to_regclass('users') IS NULL")[0][0]
    db.execute("ROLLBACK")
    print(
        f"  {'pasted, simple query':<31}{'done':<7}{'table gone' if gone else 'safe'}"
    )


def errors(db: Connection) -> None:
    print(f"\n{'one statement':<33}answer users")
    attempt(db, "a second ada@shop.test", lambda: db.execute(INSERT, "ada@shop.test"))
    db.execute("SET statement_timeout = 100")  # milliseconds
    attempt(db, "slower than the timeout", lambda: db.query("SELECT pg_sleep(10)"))
    db.execute("SET statement_timeout = 5000")


def transactions(db: Connection) -> None:
    def second_fails() -> None:
        with db.transaction():
            db.execute(INSERT, "cem@shop.test")
            db.execute(INSERT, "ada@shop.test")

    def failure_caught() -> None:
        with db.transaction():
            db.execute(INSERT, "cem@shop.test")
            try:
                db.execute(INSERT, "ada@shop.test")
            except PostgresError as error:
                print(f"    caught inside: {error.code}, status {db.status}")

    print(f"\n{'transaction of two inserts':<33}answer users")
    attempt(db, "the second fails", second_fails)
    attempt(db, "it fails, the error is caught", failure_caught)


def two_sessions(writer: Connection, reader: Connection) -> None:
    print(f"\n{'one connection inserts':<33}it sees, the other sees")
    with writer.transaction():
        writer.execute(INSERT, "eva@shop.test")
        print(f"  {'before the commit':<31}{users(writer):<9}{users(reader)}")
    print(f"  {'after the commit':<31}{users(writer):<9}{users(reader)}")


def main() -> None:
    with postgres.connect() as db, postgres.connect() as other:
        db.execute(SCHEMA)
        types(db)
        hostile_value(db)
        errors(db)
        transactions(db)
        two_sessions(db, other)


if __name__ == "__main__":
    main()
