"""PostgreSQL and Redis for the examples: started when first wanted, once, ended with the run.

Both listen on Unix sockets in the run's scratch folder, where nobody else looks.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from guide.examples import toolchains
from guide.examples.job import Limits
from guide.examples.sandbox import Running, Sandbox

_LIFETIME = Limits(seconds=3600, memory=2 << 30, processes=256)
_READY_WITHIN = 30.0
"""Seconds."""
_PORT = "5432"
_OWNER = "guide"
_POSTGRES_SETTINGS = (
    "listen_addresses=",
    "fsync=off",
    "log_statement=all",
    "log_line_prefix=%d ",
    # Plans and row versions must not depend on when a vacuum comes by.
    "autovacuum=off",
    "jit=off",
    "wal_level=logical",
    "timezone=UTC",
    "log_timezone=UTC",
)
_REDIS_AFRESH = (
    b"CONFIG SET maxmemory 0",
    b"CONFIG SET maxmemory-policy noeviction",
    b"FLUSHALL",
    b"SCRIPT FLUSH",
)
"""What makes Redis as good as new for the next program, whatever the last one set."""


class ServerError(Exception):
    """A server did not start; the text holds the end of what it said."""


class Servers:
    """The servers of one run; close() ends them."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._lock = threading.Lock()
        self._stack = contextlib.ExitStack()
        self._postgres: _Postgres | None = None
        self._redis: Path | None = None
        self._redis_in_use = threading.Lock()

    def close(self) -> None:
        """End what was started."""
        self._stack.close()

    @contextlib.contextmanager
    def database(self) -> Iterator[Mapping[str, str]]:
        """An empty PostgreSQL database, as the environment variables that libpq reads."""
        with self._lock:
            if self._postgres is None:
                self._postgres = self._stack.enter_context(_postgres(self._sandbox))
        with self._postgres.database() as environment:
            yield environment

    def statements(self, database: str) -> int:
        """How many SQL statements PostgreSQL was sent for `database` so far."""
        return self._postgres.statements(database) if self._postgres else 0

    @contextlib.contextmanager
    def redis(self) -> Iterator[Mapping[str, str]]:
        """An empty Redis, for one program at a time; REDIS_SOCKET names its socket."""
        with self._lock:
            if self._redis is None:
                self._redis = self._stack.enter_context(_redis(self._sandbox))
        with self._redis_in_use:
            for command in _REDIS_AFRESH:
                _say(self._redis, command + b"\r\n", b"+OK\r\n")
            yield {"REDIS_SOCKET": str(self._redis)}


class _Postgres:
    """A running server; every program gets a database of its own."""

    def __init__(self, tool: toolchains.Tool, socket_folder: Path, log: Path) -> None:
        self._psql = tool.beside("psql")
        self._log = log
        self._numbers = itertools.count(1)
        self._environment = {
            "PGHOST": str(socket_folder),
            "PGPORT": _PORT,
            "PGUSER": _OWNER,
        }

    @contextlib.contextmanager
    def database(self) -> Iterator[Mapping[str, str]]:
        name = f"example_{next(self._numbers)}"
        self._do(f"CREATE DATABASE {name}")
        try:
            yield {**self._environment, "PGDATABASE": name}
        finally:
            self._do(f"DROP DATABASE {name} WITH (FORCE)")

    def statements(self, database: str) -> int:
        """Count them in the log, which is written before a statement runs."""
        starts = (f"{database} LOG:  statement: ", f"{database} LOG:  execute ")
        lines = self._log.read_text(encoding="utf-8", errors="replace").splitlines()
        return sum(line.startswith(starts) for line in lines)

    def _do(self, statement: str) -> None:
        command = [
            str(self._psql),
            "-X",
            "-q",
            "-v",
            "ON_ERROR_STOP=1",
            "-c",
            statement,
            "postgres",
        ]
        done = subprocess.run(
            command,
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=_READY_WITHIN,
            check=False,
        )
        if done.returncode != 0:
            raise ServerError(f"{statement}: {done.stderr.strip()}")


@contextlib.contextmanager
def _postgres(sandbox: Sandbox) -> Iterator[_Postgres]:
    tool = toolchains.postgres()
    with sandbox.scratch() as work:
        environment = sandbox.environment(work)
        user = None
        if os.geteuid() == 0:  # it refuses to run as root
            user = "nobody"
            tool = _reachable(tool, work.parent / "postgres")
            work.parent.chmod(0o711)
            shutil.chown(work, user)
        data, log = work / "data", work.parent / "postgres.log"
        initdb = [str(tool.beside("initdb")), "-D", str(data), "-U", _OWNER, "-A", "trust"]
        initdb += ["-E", "UTF8", "--locale=C", "--no-sync"]
        with sandbox.start(initdb, work, environment, _LIFETIME, log, user) as running:
            if running.outcome().code != 0:
                raise ServerError(f"initdb failed: {_end_of(log)}")
        command = [str(tool.path), "-D", str(data), "-k", str(work), "-p", _PORT]
        for setting in _POSTGRES_SETTINGS:
            command += ["-c", setting]
        end = signal.SIGQUIT  # a kill would leave shared memory on the machine, until it restarts
        with sandbox.start(command, work, environment, _LIFETIME, log, user, end) as running:
            _await_socket(work / f".s.PGSQL.{_PORT}", running, log)
            server = _Postgres(tool, work, log)
            _await_ready(tool, work, running, log)
            yield server


@contextlib.contextmanager
def _redis(sandbox: Sandbox) -> Iterator[Path]:
    tool = toolchains.redis()
    with sandbox.scratch() as work:
        address, log = work / "redis.sock", work.parent / "redis.log"
        command = [str(tool.path), "--port", "0", "--unixsocket", str(address)]
        command += ["--save", "", "--appendonly", "no", "--dir", str(work)]
        environment = sandbox.environment(work)
        with sandbox.start(command, work, environment, _LIFETIME, log) as running:
            _await_socket(address, running, log)
            yield address


def _say(address: Path, request: bytes, answer: bytes) -> None:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(_READY_WITHIN)
        connection.connect(str(address))
        connection.sendall(request)
        received = b""
        while len(received) < len(answer):
            piece = connection.recv(len(answer) - len(received))
            if not piece:
                break
            received += piece
    if received != answer:
        raise ServerError(f"Redis answers {received!r}")


def _await_socket(address: Path, running: Running, log: Path) -> None:
    until = time.monotonic() + _READY_WITHIN
    while time.monotonic() < until and not running.has_ended:
        with socket.socket(socket.AF_UNIX) as probe, contextlib.suppress(OSError):
            probe.connect(str(address))
            return
        time.sleep(0.02)
    raise ServerError(f"the server does not answer: {_end_of(log)}")


def _await_ready(tool: toolchains.Tool, folder: Path, running: Running, log: Path) -> None:
    """Wait until PostgreSQL takes connections: its socket is there earlier."""
    command: Sequence[str] = [str(tool.beside("psql")), "-X", "-q", "-c", "", "postgres"]
    environment = {"PGHOST": str(folder), "PGPORT": _PORT, "PGUSER": _OWNER}
    until = time.monotonic() + _READY_WITHIN
    while time.monotonic() < until and not running.has_ended:
        done = subprocess.run(command, env=environment, capture_output=True, check=False)
        if done.returncode == 0:
            return
        time.sleep(0.05)
    raise ServerError(f"PostgreSQL does not answer: {_end_of(log)}")


def _reachable(tool: toolchains.Tool, copy: Path) -> toolchains.Tool:
    """The tool, or a copy of it where another user may not enter its folder."""
    if all(parent.stat().st_mode & 0o001 for parent in tool.path.parents):
        return tool
    installation, package = tool.path.parents[1], tool.path.parents[2]
    libraries = package.with_name(f"{package.name}.libs")
    shutil.copytree(installation, copy / package.name / installation.name)
    if libraries.is_dir():  # found relative to the programs
        shutil.copytree(libraries, copy / libraries.name)
    moved = copy / package.name / installation.name / "bin" / tool.path.name
    return toolchains.Tool(tool.title, moved)


def _end_of(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    return " | ".join(lines[-3:])
