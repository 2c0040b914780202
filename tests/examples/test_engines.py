"""Programs meet real engines: PostgreSQL, Redis, and servers that speak HTTP."""

from __future__ import annotations

import contextlib
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from guide.examples import toolchains
from guide.examples.redis_session import run_commands
from guide.examples.sandbox import Sandbox
from guide.examples.servers import Servers
from guide.examples.toolchains import MissingToolError
from mini_project import GREETING, MiniProject
from site_server import run_guide
from support import marked, needs

pytestmark = pytest.mark.engines


@pytest.fixture
def servers(tmp_path: Path) -> Iterator[Servers]:
    with Sandbox(tmp_path / "runs") as sandbox:
        opened = Servers(sandbox)
        try:
            yield opened
        finally:
            opened.close()


def needs_engine(find: object) -> None:
    """Skip, or fail in CI, without the engine."""
    try:
        find()  # type: ignore[operator]
    except MissingToolError as error:
        needs(None, str(error))


SQL = """\
    \\echo 1. One row
    CREATE TABLE orders (id integer PRIMARY KEY, total integer NOT NULL);
    INSERT INTO orders VALUES (1, 100);
    SELECT total FROM orders;
    """
SQL_OUTPUT = """\
    1. One row
     total
    -------
       100
    (1 row)

    """


def test_sql_is_executed_by_postgresql_and_its_statements_are_counted(project: MiniProject) -> None:
    needs_engine(toolchains.postgres)
    output = SQL_OUTPUT.replace(" total\n", " total \n")
    project.example("languages: [sql]", {"example.sql": SQL, "expected.sql.txt": output})

    done = run_guide(project.root, "examples", "--update")

    assert done.returncode == 0, done.stdout + done.stderr
    assert "  SQL            1 passed, 3 statements (PostgreSQL " in done.stdout
    record = json.loads(project.read(f"{GREETING}/verified.json"))["languages"]["sql"]
    assert record["count"] == 3


def test_sql_that_postgresql_refuses_fails_with_what_it_says(project: MiniProject) -> None:
    needs_engine(toolchains.postgres)
    project.example("languages: [sql]", {"example.sql": "SELECT total FROM orders;\n"})

    done = run_guide(project.root, "examples")

    assert done.returncode == 1
    assert 'relation "orders" does not exist' in done.stdout


def test_servers_start_once_and_end_with_the_run(tmp_path: Path) -> None:
    needs_engine(toolchains.postgres)
    needs_engine(toolchains.redis)
    with (
        Sandbox(tmp_path / "runs") as sandbox,
        contextlib.closing(Servers(sandbox)) as servers,
    ):
        assert marked(sandbox.mark) == []
        with servers.database(), servers.redis():
            started = set(marked(sandbox.mark))
        with servers.database(), servers.redis():
            again = set(marked(sandbox.mark))
            (file,) = sandbox.folder.glob("*/work/data/postmaster.pid")
            postgres = int(file.read_text().splitlines()[0])
            assert psutil.pid_exists(postgres)

    assert len(started) >= 3, "two supervisors and Redis at least"
    assert again == started
    assert marked(sandbox.mark) == []
    assert not psutil.pid_exists(postgres) or (
        psutil.Process(postgres).status() == psutil.STATUS_ZOMBIE
    )


@pytest.mark.skipif(sys.platform != "linux", reason="reads what Linux says of shared memory")
def test_no_shared_memory_outlives_postgresql(tmp_path: Path) -> None:
    needs_engine(toolchains.postgres)
    with (
        Sandbox(tmp_path / "runs") as sandbox,
        contextlib.closing(Servers(sandbox)) as servers,
        servers.database(),
    ):
        (file,) = sandbox.folder.glob("*/work/data/postmaster.pid")
        postgres = int(file.read_text().splitlines()[0])
        maps = Path(f"/proc/{postgres}/maps").read_text()
        files = {Path(each) for each in re.findall(r"/dev/shm/PostgreSQL\.\d+", maps)}
        assert files
        assert postgres in makers_of_shared_memory()

    assert not [each for each in files if each.exists()]
    assert postgres not in makers_of_shared_memory()


def makers_of_shared_memory() -> list[int]:
    """The processes that made the segments there are (sysvipc(7))."""
    lines = Path("/proc/sysvipc/shm").read_text().splitlines()
    return [int(line.split()[4]) for line in lines[1:]]


def test_every_program_gets_an_empty_database(servers: Servers) -> None:
    needs_engine(toolchains.postgres)

    def tables(script: str) -> str:
        with servers.database() as environment:
            psql = toolchains.postgres().beside("psql")
            command = [psql, "-X", "-q", "-A", "-t", "-c", script]
            done = subprocess.run(command, env=environment, capture_output=True, text=True)
            return done.stdout + done.stderr

    count = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"

    assert tables(f"CREATE TABLE t (a int); {count}") == "1\n"
    assert tables(count) == "0\n"


def test_programs_find_postgresql_in_their_environment(project: MiniProject) -> None:
    needs_engine(toolchains.postgres)
    program = """\
        import os
        import socket

        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(f"{os.environ['PGHOST']}/.s.PGSQL.{os.environ['PGPORT']}")
        print(os.environ["PGUSER"], os.environ["PGDATABASE"] != "")
        """
    project.example(
        "languages: [python]\nengines: [postgres]",
        {"example.py": program, "expected.txt": "guide True\n"},
    )

    done = run_guide(project.root, "examples")

    assert done.returncode == 0, done.stdout
    assert "  PostgreSQL " in done.stdout
    assert " used by 1 program\n" in done.stdout


REDIS = """\
    # The key is claimed once.
    SET claim "by one" NX
    SET claim "by two" NX
    MULTI
    INCR visits
    LRANGE claims 0 -1
    EXEC
    EVAL "return {1, {2, 'x'}, false}" 0
    GET claim "too many"
    GET "say \\"hi\\"\\n"
    """


def test_redis_answers_as_its_own_client_shows(project: MiniProject, servers: Servers) -> None:
    needs_engine(toolchains.redis)
    client = shutil.which("redis-cli")
    needs(client, "redis-cli")
    lines = [line.strip() for line in REDIS.splitlines() if line.strip()]
    with servers.redis() as environment:
        session = run_commands(Path(environment["REDIS_SOCKET"]), REDIS, 5)
    with servers.redis() as environment:
        done = subprocess.run(
            [str(client), "--no-raw", "-s", environment["REDIS_SOCKET"]],
            input="\n".join(line for line in lines if not line.startswith("#")),
            capture_output=True,
            text=True,
            check=True,
        )

    replies = [line for line in session.transcript.splitlines() if not line.startswith("> ")]

    assert replies == [line for line in done.stdout.splitlines() if line]
    assert session.commands == len(lines) - 1
    assert session.transcript.startswith('> SET claim "by one" NX\nOK\n> SET claim "by two" NX\n')


def test_redis_is_empty_for_every_program(servers: Servers) -> None:
    needs_engine(toolchains.redis)
    for _ in range(2):
        with servers.redis() as environment:
            session = run_commands(Path(environment["REDIS_SOCKET"]), "INCR n\nDBSIZE", 5)
            assert session.transcript == "> INCR n\n(integer) 1\n> DBSIZE\n(integer) 1\n"


def test_redis_has_no_limits_of_the_program_before(servers: Servers) -> None:
    needs_engine(toolchains.redis)
    limits = "CONFIG SET maxmemory 1mb\nCONFIG SET maxmemory-policy allkeys-lru"
    with servers.redis() as environment:
        run_commands(Path(environment["REDIS_SOCKET"]), limits, 5)
    with servers.redis() as environment:
        ask = "CONFIG GET maxmemory\nCONFIG GET maxmemory-policy"
        session = run_commands(Path(environment["REDIS_SOCKET"]), ask, 5)

    assert '2) "0"\n' in session.transcript
    assert '2) "noeviction"\n' in session.transcript


def test_a_redis_example_shows_commands_and_replies(project: MiniProject) -> None:
    needs_engine(toolchains.redis)
    project.example("languages: [redis]", {"example.redis": "# once\nINCR n\n"})
    project.write(f"{GREETING}/expected.redis.txt", "> INCR n\n(integer) 1\n")

    done = run_guide(project.root, "examples")

    assert done.returncode == 0, done.stdout
    assert "  Redis          1 passed, 1 command (Redis " in done.stdout


def test_a_redis_session_that_hangs_fails(project: MiniProject) -> None:
    needs_engine(toolchains.redis)
    project.example("languages: [redis]\ntimeout: 1", {"example.redis": "BLPOP nobody 0\n"})

    done = run_guide(project.root, "examples")

    assert done.returncode == 1
    assert "example.redis: the session with Redis broke: timed out" in done.stdout


SERVER = """\
    import os
    from http.server import BaseHTTPRequestHandler, HTTPServer


    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(201)
            self.send_header("Location", "/orders/1")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *words: object) -> None:
            pass


    HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
    """
EXCHANGE = """\
    POST /orders HTTP/1.1
    Host: shop.test
    Content-Length: 9

    {"qty":2}

    HTTP/1.1 201 Created
    Location: /orders/1
    Content-Length: 9

    {"qty":2}

    POST /orders HTTP/1.1
    Host: shop.test
    Content-Length: 2

    {}

    HTTP/1.1 201 Created
    Location: /orders/1
    Content-Length: 2

    {}
    """
HTTP = "languages: [http]\nserver: server.py\ntimeout: 3"


def test_an_exchange_is_replayed(project: MiniProject) -> None:
    project.example(HTTP, {"server.py": SERVER, "exchange.http": EXCHANGE})

    done = run_guide(project.root, "examples")

    assert done.returncode == 0, done.stdout
    assert "  HTTP           1 passed, 4 messages" in done.stdout


@pytest.mark.parametrize(
    ("old", "new", "difference"),
    [
        ("201 Created", "200 OK", "  -HTTP/1.1 200 OK\n  +HTTP/1.1 201 Created\n"),
        ("201 Created", "201 Done", "  -HTTP/1.1 201 Done\n  +HTTP/1.1 201 Created\n"),
        ("    Location: /orders/1\n", "", "  +Location: /orders/1\n"),
        ("Location: /orders/1", "Location: /orders/2", "  -Location: /orders/2\n"),
        ("Location: /orders/1\n", "Location: /orders/1\n    Vary: Origin\n", "  -Vary: Origin\n"),
        ('9\n\n    {"qty":2}\n\n    POST', '9\n\n    {"qty":3}\n\n    POST', '  -{"qty":3}\n'),
    ],
    ids=["status", "reason", "surplus header", "value", "missing header", "body"],
)
def test_every_part_of_a_response_is_compared(
    project: MiniProject, old: str, new: str, difference: str
) -> None:
    project.example(HTTP, {"server.py": SERVER, "exchange.http": EXCHANGE.replace(old, new, 1)})

    done = run_guide(project.root, "examples")

    assert done.returncode == 1
    assert "exchange.http: prints something else than expected" in done.stdout
    assert difference in done.stdout


@pytest.mark.parametrize(
    ("exchange", "says"),
    [
        ("HTTP/1.1 200 OK\n", "line 1: requests and responses come in turn"),
        ("GET / HTTP/1.1\nHost: a.test\n", "line 1: this request has no response"),
        ("# first\nGET / HTTP/1.1\n", "line 1: an exchange begins with a request line"),
        ("GET / HTTP/1.1\n\nHTTP/1.1 200 OK\n", "line 1: Missing mandatory Host: header"),
        (
            "POST / HTTP/1.1\nHost: a.test\nContent-Length: 5\n\nab\n\nHTTP/1.1 200 OK\n",
            "line 1: the request is not complete",
        ),
    ],
    ids=["response first", "no response", "text", "no host", "short body"],
)
def test_a_file_that_is_no_exchange_says_where(
    project: MiniProject, exchange: str, says: str
) -> None:
    project.example(HTTP, {"server.py": SERVER, "exchange.http": exchange})

    done = run_guide(project.root, "examples")

    assert done.returncode == 1
    assert says in done.stdout


@pytest.mark.parametrize(
    ("server", "says"),
    [
        ("raise SystemExit('no')\n", "it does not listen on 127.0.0.1:"),
        (SERVER.replace("self.send_response(201)", "raise OSError('no')"), "closed the connection"),
        (
            SERVER.replace("self.send_response(201)", "return self.wfile.write(b'no\\r\\n\\r\\n')"),
            "answers no HTTP",
        ),
    ],
    ids=["dies", "closes", "garbage"],
)
def test_a_server_that_fails_is_reported(project: MiniProject, server: str, says: str) -> None:
    project.example(HTTP, {"server.py": server, "exchange.http": EXCHANGE})

    done = run_guide(project.root, "examples")

    assert done.returncode == 1
    assert says in done.stdout
