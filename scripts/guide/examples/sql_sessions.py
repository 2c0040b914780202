"""A SQL script of several sessions, interleaved on real connections. A process of its own.

`python -m guide.examples.sql_sessions PSQL SCRIPT` runs the setup as psql would. Then every
statement goes to its session, in the order of the file, one psql each. The next statement follows
when this one has ended or waits for a lock of another session, as PostgreSQL itself says
(`pg_blocking_pids`).

The transcript shows each statement after its session's prompt, the answer below it, `(waits for
A)` where it waits, and the answer then at the moment it comes. Every session has a margin of its
own. Comments and blank lines are repeated.
"""

from __future__ import annotations

import os
import queue
import re
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from guide.examples.sql_script import ScriptError, Statement, read_script

_ANSWERED = "-- answered --"
_MARGIN = 12
"""Columns by which each session stands further to the right than the one before."""
_WAITS_AFTER = 0.3
"""Seconds of waiting for a lock that are worth telling: a `lock_timeout` far below is none."""
_PATIENCE = 5.0
"""Seconds for a wait to end by itself, as by a timeout or the detection of a deadlock."""
_POLL = 0.02
_OPENS_WITHIN = 10.0


class _Psql:
    """A psql that answers one text after the other."""

    def __init__(self, psql: str, *options: str, **environment: str) -> None:
        self._process = subprocess.Popen(
            [psql, "-X", "-P", "footer=off", "-P", "pager=off", *options],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={**os.environ, **environment},
            text=True,
            bufsize=1,
        )
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._answer: list[str] = []
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        for line in _stream(self._process.stdout):
            self._lines.put(line.rstrip())
        self._lines.put(None)

    def send(self, text: str) -> None:
        """Send a text; its answer ends with a line of its own."""
        _stream(self._process.stdin).write(f"{text}\n\\echo {_ANSWERED}\n")

    def answer(self, seconds: float) -> list[str] | None:
        """The lines of the answer, None if it is not there in time; raises ScriptError."""
        until = time.monotonic() + seconds
        while True:
            try:
                line = self._lines.get(timeout=max(0.0, until - time.monotonic()))
            except queue.Empty:
                return None
            if line is None:
                raise ScriptError("psql has ended: " + " ".join(self._answer))
            if line == _ANSWERED:
                answer, self._answer = self._answer, []
                return [line for line in answer if line]
            self._answer.append(line)

    def close(self) -> None:
        """End the connection; a transaction that is open is rolled back."""
        _stream(self._process.stdin).close()
        self._process.wait()


def _stream(pipe: IO[str] | None) -> IO[str]:
    assert pipe is not None
    return pipe


class _Observer:
    """Asks PostgreSQL who waits for whom, on a connection beside those of the script."""

    def __init__(self, psql: str) -> None:
        self._database = os.environ["PGDATABASE"]
        self._psql = _Psql(psql, "-A", "-t", PGDATABASE="postgres")

    def process_of(self, application: str) -> int:
        """The server process of a connection, once it is open."""
        query = (
            "SELECT pid FROM pg_stat_activity "
            f"WHERE datname = '{self._database}' AND application_name = '{application}';"
        )
        until = time.monotonic() + _OPENS_WITHIN
        while time.monotonic() < until:
            found = self._ask(query)
            if found:
                return int(found[0])
            time.sleep(_POLL)
        raise ScriptError(f"{application} cannot connect")

    def blockers(self, process: int) -> frozenset[int]:
        """The server processes for which another one waits."""
        (found,) = self._ask(f"SELECT 'by', pg_blocking_pids({process});")
        return frozenset(map(int, re.findall(r"\d+", found)))

    def _ask(self, query: str) -> list[str]:
        self._psql.send(query)
        answer = self._psql.answer(_OPENS_WITHIN)
        if answer is None:
            raise ScriptError("PostgreSQL does not say who waits")
        return answer

    def close(self) -> None:
        self._psql.close()


@dataclass(slots=True, eq=False)
class _Session:
    """One connection; `waits_for` is empty unless its statement waits."""

    name: str
    margin: str
    psql: _Psql
    process: int
    waits_for: tuple[str, ...] = field(default=())


class _Stage:
    """All sessions and the transcript, which is printed as it grows."""

    def __init__(self, psql: str, names: Sequence[str]) -> None:
        self._observer = _Observer(psql)
        self._sessions = {
            name: self._open(psql, name, " " * _MARGIN * at) for at, name in enumerate(names)
        }

    def _open(self, psql: str, name: str, margin: str) -> _Session:
        application = f"session {name}"
        process = _Psql(psql, "-v", "VERBOSITY=terse", PGAPPNAME=application)
        return _Session(name, margin, process, self._observer.process_of(application))

    def play(self, statement: Statement) -> None:
        """Send one statement, and tell all that follows from it before the next."""
        session = self._sessions[statement.session]
        self._await([session], f"line {statement.line}: ")
        if statement.sql:
            self._tell(session, "> ", statement.sql.split("\n"))
        session.psql.send(statement.text)
        answer = self._answer_or_wait(session)
        if answer is None:
            self._tell_wait(session)
        else:
            # `BEGIN` below BEGIN tells nothing; `ROLLBACK` below COMMIT does.
            self._tell(session, "  ", answer if answer != [statement.verb] else [])
        self._settle()

    def close(self) -> None:
        """Wait for what still waits, then end all connections."""
        self._await(list(self._sessions.values()), "at the end: ")
        for session in self._sessions.values():
            session.psql.close()
        self._observer.close()

    def _await(self, wanted: Sequence[_Session], where: str) -> None:
        until = time.monotonic() + _PATIENCE
        while waiting := [each for each in wanted if each.waits_for]:
            if time.monotonic() > until:
                names = " and ".join(waiting[0].waits_for)
                raise ScriptError(f"{where}session {waiting[0].name} still waits for {names}")
            time.sleep(_POLL)
            self._settle()

    def _answer_or_wait(self, session: _Session) -> list[str] | None:
        """The answer; None when the session has been seen to wait for a while."""
        since = None
        while True:
            answer = session.psql.answer(_POLL)
            if answer is not None:
                return answer
            blockers = self._blockers(session)
            since = (since or time.monotonic()) if blockers else None
            if since and time.monotonic() - since > _WAITS_AFTER:
                session.waits_for = blockers
                return None

    def _blockers(self, session: _Session) -> tuple[str, ...]:
        found = self._observer.blockers(session.process)
        return tuple(each.name for each in self._sessions.values() if each.process in found)

    def _settle(self) -> None:
        """Tell what came of those that waited, until the rest waits as before."""
        while moved := [each for each in self._waiting() if not self._still_waits(each)]:
            self._finish(moved[0])

    def _finish(self, session: _Session) -> None:
        waited_for, session.waits_for = session.waits_for, ()
        answer = self._answer_or_wait(session)
        if answer is None:
            self._tell_wait(session)
            return
        if not any(line.startswith("ERROR:") for line in answer):
            # It can go on because those ended: a cause is told before its effect.
            for other in [self._sessions[name] for name in waited_for]:
                if other.waits_for:
                    self._finish(other)
        self._tell(session, ": ", answer or ["done"])

    def _waiting(self) -> list[_Session]:
        return [each for each in self._sessions.values() if each.waits_for]

    def _still_waits(self, session: _Session) -> bool:
        return self._blockers(session) == session.waits_for

    def _tell_wait(self, session: _Session) -> None:
        self._tell(session, "  ", [f"(waits for {' and '.join(session.waits_for)})"])

    def _tell(self, session: _Session, sign: str, lines: Sequence[str]) -> None:
        """Print lines in the session's margin, the first one after its name and `sign`."""
        prompt = session.name + sign if sign.strip() else ""
        width = len(session.name) + len(sign)
        for line in lines:
            print(f"{session.margin}{prompt:{width}}{line}".rstrip())
            prompt = ""


def main(psql: str, script: Path) -> None:
    """Play a script and print its transcript; raises ScriptError."""
    read = read_script(script.read_text(encoding="utf-8"))
    setup = [psql, "-X", "-q", "-v", "ON_ERROR_STOP=1", "-f", "-"]
    if subprocess.run(setup, input=read.setup, text=True, check=False).returncode != 0:
        raise ScriptError("the setup, before the first session, failed")
    stage = _Stage(psql, read.sessions)
    for step in read.steps:
        if isinstance(step, Statement):
            stage.play(step)
        else:
            print(step)
    stage.close()


if __name__ == "__main__":
    try:
        main(sys.argv[1], Path(sys.argv[2]))
    except ScriptError as error:
        sys.exit(str(error))
