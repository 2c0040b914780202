"""SQL scripts of several sessions: real connections, whose locks meet, and one transcript."""

from __future__ import annotations

from textwrap import dedent

import pytest

from guide.examples import toolchains
from guide.examples.toolchains import MissingToolError
from mini_project import GREETING, MiniProject
from site_server import run_guide
from support import needs

ACCOUNTS = """\
CREATE TABLE accounts (id integer PRIMARY KEY, balance integer NOT NULL);
INSERT INTO accounts VALUES (1, 100), (2, 100);
"""


@pytest.fixture(autouse=True)
def postgres() -> None:
    try:
        toolchains.postgres()
    except MissingToolError as error:
        needs(None, str(error))


def play(project: MiniProject, script: str) -> str:
    """The transcript of a script whose setup makes two accounts."""
    text = ACCOUNTS + dedent(script)
    project.example("languages: [sql]\ntimeout: 60", {"example.sql": text})
    done = run_guide(project.root, "examples", "--update")
    assert done.returncode == 0, done.stdout + done.stderr
    return project.read(f"{GREETING}/expected.sql.txt")


def refuse(project: MiniProject, script: str) -> str:
    """What is said about a script that cannot be played."""
    text = ACCOUNTS + dedent(script)
    project.example("languages: [sql]\ntimeout: 60", {"example.sql": text})
    done = run_guide(project.root, "examples")
    assert done.returncode == 1
    return done.stdout


def test_statements_are_interleaved_in_the_order_of_the_file(project: MiniProject) -> None:
    transcript = play(
        project,
        """\
        -- session A
        -- Nobody waits for a reader
        BEGIN ISOLATION LEVEL REPEATABLE READ;
        SELECT balance FROM accounts WHERE id = 1;

        -- session B
        UPDATE accounts
          SET balance = 90 WHERE id = 1;
        -- session A
        SELECT balance FROM accounts WHERE id = 1;
        UPDATE accounts SET balance = 0 WHERE id = 1;
        \\echo :SQLSTATE
        COMMIT;
        """,
    )

    assert transcript == dedent(
        """\
        -- Nobody waits for a reader
        A> BEGIN ISOLATION LEVEL REPEATABLE READ;
        A> SELECT balance FROM accounts WHERE id = 1;
            balance
           ---------
                100

                    B> UPDATE accounts
                         SET balance = 90 WHERE id = 1;
                       UPDATE 1
        A> SELECT balance FROM accounts WHERE id = 1;
            balance
           ---------
                100
        A> UPDATE accounts SET balance = 0 WHERE id = 1;
           ERROR:  could not serialize access due to concurrent update
           40001
        A> COMMIT;
           ROLLBACK
        """
    )


def test_a_session_waits_until_the_lock_is_free_and_answers_then(project: MiniProject) -> None:
    transcript = play(
        project,
        """\
        -- session A
        BEGIN;
        UPDATE accounts SET balance = balance - 10 WHERE id = 1;
        -- session B
        UPDATE accounts SET balance = balance - 20
        WHERE id = 1 RETURNING balance;
        -- session A
        SELECT 1 AS still_there;
        COMMIT;
        """,
    )

    assert transcript == dedent(
        """\
        A> BEGIN;
        A> UPDATE accounts SET balance = balance - 10 WHERE id = 1;
           UPDATE 1
                    B> UPDATE accounts SET balance = balance - 20
                       WHERE id = 1 RETURNING balance;
                       (waits for A)
        A> SELECT 1 AS still_there;
            still_there
           -------------
                      1
        A> COMMIT;
                    B:  balance
                       ---------
                             70
                       UPDATE 1
        """
    )


def test_a_deadlock_is_told_by_its_victim_before_the_other_goes_on(project: MiniProject) -> None:
    transcript = play(
        project,
        """\
        -- session A
        SET deadlock_timeout = '20s';
        BEGIN;
        UPDATE accounts SET balance = 1 WHERE id = 1;
        -- session B
        BEGIN;
        UPDATE accounts SET balance = 2 WHERE id = 2;
        -- session A
        UPDATE accounts SET balance = 1 WHERE id = 2;
        -- session B
        UPDATE accounts SET balance = 2 WHERE id = 1;
        \\echo SQLSTATE :SQLSTATE
        -- session A
        COMMIT;
        """,
    )

    assert transcript.endswith(
        dedent(
            """\
            A> UPDATE accounts SET balance = 1 WHERE id = 2;
               (waits for B)
                        B> UPDATE accounts SET balance = 2 WHERE id = 1;
                           (waits for A)
                        B: ERROR:  deadlock detected
                           SQLSTATE 40P01
            A: UPDATE 1
            A> COMMIT;
            """
        )
    )


def test_a_queue_of_locks_moves_on_when_one_gives_up(project: MiniProject) -> None:
    transcript = play(
        project,
        """\
        -- session A
        BEGIN;
        SELECT count(*) FROM accounts;
        -- session B
        SET lock_timeout = '2s';
        ALTER TABLE accounts ADD COLUMN note text;
        -- session C
        SELECT balance FROM accounts WHERE id = 2;
        -- session B
        SELECT 'later' AS again;
        """,
    )

    assert transcript == dedent(
        """\
        A> BEGIN;
        A> SELECT count(*) FROM accounts;
            count
           -------
                2
                    B> SET lock_timeout = '2s';
                    B> ALTER TABLE accounts ADD COLUMN note text;
                       (waits for A)
                                C> SELECT balance FROM accounts WHERE id = 2;
                                   (waits for B)
                    B: ERROR:  canceling statement due to lock timeout
                                C:  balance
                                   ---------
                                        100
                    B> SELECT 'later' AS again;
                        again
                       -------
                        later
        """
    )


def test_dollar_quotes_and_commands_of_psql_belong_to_the_statement(project: MiniProject) -> None:
    transcript = play(
        project,
        """\
        -- session A
        CREATE FUNCTION total() RETURNS bigint LANGUAGE plpgsql AS $$
        BEGIN
            RETURN (SELECT sum(balance) FROM accounts);
        END $$;
        SELECT total() AS before
        \\gset
        SELECT total() + 1 AS more \\gset
        \\echo :before :more
        """,
    )

    assert transcript == dedent(
        """\
        A> CREATE FUNCTION total() RETURNS bigint LANGUAGE plpgsql AS $$
           BEGIN
               RETURN (SELECT sum(balance) FROM accounts);
           END $$;
           CREATE FUNCTION
        A> SELECT total() AS before;
        A> SELECT total() + 1 AS more;
           200 201
        """
    )


def test_sections_of_the_script_are_sections_of_the_transcript(project: MiniProject) -> None:
    transcript = play(
        project,
        """\
        -- session A
        SELECT 1 AS one;
        -- --8<-- [start:show]
        SELECT 2 AS two;
        -- --8<-- [end:show]
        """,
    )

    shown = transcript.partition("-- --8<-- [start:show]\n")[2]
    assert shown.startswith("A> SELECT 2 AS two;\n")
    assert shown.endswith("-- --8<-- [end:show]\n")


@pytest.mark.parametrize(
    ("script", "message"),
    [
        (
            "-- session A\nSELECT 1\n",
            "line 4: the statement has no end; end it with `;`",
        ),
        (
            "SELECT nothing;\n-- session A\nSELECT 1;\n",
            "the setup, before the first session, failed",
        ),
        (
            """\
            -- session A
            BEGIN;
            LOCK TABLE accounts;
            -- session B
            SELECT 1 FROM accounts;
            SELECT 2;
            """,
            "line 8: session B still waits for A",
        ),
        (
            """\
            -- session A
            BEGIN;
            LOCK TABLE accounts;
            -- session B
            SELECT 1 FROM accounts;
            """,
            "at the end: session B still waits for A",
        ),
        (
            "-- session A\n\\q\n",
            "psql has ended",
        ),
    ],
    ids=["no end", "setup fails", "cannot act", "waits at the end", "ends psql"],
)
def test_a_script_that_cannot_go_on_says_where_and_why(
    project: MiniProject, script: str, message: str
) -> None:
    assert message in refuse(project, script)
