"""SQL scripts of several sessions: real connections, whose locks meet, and one transcript."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from textwrap import dedent
from typing import TypeVar

import pytest

from guide.examples import toolchains
from guide.examples.toolchains import MissingToolError
from mini_project import MiniProject, make_mini_project
from site_server import run_guide
from support import needs

pytestmark = pytest.mark.engines

ACCOUNTS = """\
CREATE TABLE accounts (id integer PRIMARY KEY, balance integer NOT NULL);
INSERT INTO accounts VALUES (1, 100), (2, 100);
"""


T = TypeVar("T", bound=Callable[..., None])
SCRIPTS: dict[str, str] = {}
"""Name of a test -> the script that it is about."""


def plays(script: str) -> Callable[[T], T]:
    """Have `transcript` be what is shown of this script, whose setup makes two accounts."""

    def about(test: T) -> T:
        SCRIPTS[test.__name__] = dedent(script)
        return test

    return about


def project_with(scripts: Mapping[str, str], root: Path) -> MiniProject:
    """A project with one example for each script, for one run and one server."""
    project = make_mini_project(root)
    for name, script in scripts.items():
        about, files = "languages: [sql]\ntimeout: 60", {"example.sql": ACCOUNTS + script}
        project.example(about, files, f"docs/http/code/{name.replace('_', '-')}")
    return project


@pytest.fixture(scope="module")
def postgres() -> None:
    try:
        toolchains.postgres()
    except MissingToolError as error:
        needs(None, str(error))


@pytest.fixture(scope="module")
def played(postgres: None, tmp_path_factory: pytest.TempPathFactory) -> MiniProject:
    project = project_with(SCRIPTS, tmp_path_factory.mktemp("played") / "mini")
    done = run_guide(project.root, "examples", "--update")
    assert done.returncode == 0, done.stdout + done.stderr
    return project


@pytest.fixture
def transcript(played: MiniProject, request: pytest.FixtureRequest) -> str:
    name = request.function.__name__.replace("_", "-")
    return played.read(f"docs/http/code/{name}/expected.sql.txt")


@plays(
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
    """
)
def test_statements_are_interleaved_in_the_order_of_the_file(transcript: str) -> None:
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


@plays(
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
    """
)
def test_a_session_waits_until_the_lock_is_free_and_answers_then(transcript: str) -> None:
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


@plays(
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
    """
)
def test_a_deadlock_is_told_by_its_victim_before_the_other_goes_on(transcript: str) -> None:
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


@plays(
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
    """
)
def test_a_queue_of_locks_moves_on_when_one_gives_up(transcript: str) -> None:
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


@plays(
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
    """
)
def test_dollar_quotes_and_commands_of_psql_belong_to_the_statement(transcript: str) -> None:
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


@plays(
    """\
    -- session A
    SELECT 1 AS one;
    -- --8<-- [start:show]
    SELECT 2 AS two;
    -- --8<-- [end:show]
    """
)
def test_sections_of_the_script_are_sections_of_the_transcript(transcript: str) -> None:
    shown = transcript.partition("-- --8<-- [start:show]\n")[2]
    assert shown.startswith("A> SELECT 2 AS two;\n")
    assert shown.endswith("-- --8<-- [end:show]\n")


REFUSED = {
    "no end": (
        "-- session A\nSELECT 1\n",
        "line 4: the statement has no end; end it with `;`",
    ),
    "setup fails": (
        "SELECT nothing;\n-- session A\nSELECT 1;\n",
        "the setup, before the first session, failed",
    ),
    "cannot act": (
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
    "waits at the end": (
        """\
            -- session A
            BEGIN;
            LOCK TABLE accounts;
            -- session B
            SELECT 1 FROM accounts;
            """,
        "at the end: session B still waits for A",
    ),
    "ends psql": (
        "-- session A\n\\q\n",
        "psql has ended",
    ),
}
"""What cannot be played, and what is said about it."""


@pytest.fixture(scope="module")
def refusals(postgres: None, tmp_path_factory: pytest.TempPathFactory) -> str:
    scripts = {name.replace(" ", "-"): dedent(script) for name, (script, _) in REFUSED.items()}
    project = project_with(scripts, tmp_path_factory.mktemp("refused") / "mini")
    done = run_guide(project.root, "examples")
    assert done.returncode == 1
    return done.stdout


@pytest.mark.parametrize("name", REFUSED)
def test_a_script_that_cannot_go_on_says_where_and_why(refusals: str, name: str) -> None:
    _, about = refusals.split(f"docs/http/code/{name.replace(' ', '-')}/example.sql: ")

    assert REFUSED[name][1] in about.partition("docs/http/code/")[0]
