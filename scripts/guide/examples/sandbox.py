"""A place where programs run: a scratch folder, a clean environment, and an end for all of it.

Contained are mistakes, not attacks: a program runs as the user who runs the guide.
"""

from __future__ import annotations

import contextlib
import dataclasses
import itertools
import json
import os
import select
import shutil
import subprocess
import sys
import tempfile
import threading
import uuid
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO

import psutil

from guide.examples.job import Job, Limits, Outcome
from guide.examples.leftovers import MARK, Ledger, end_marked

_PATIENCE = 70.0
"""Seconds for a supervisor to end what it watches; it gives up earlier itself."""
_MEMORY = Path("/dev/shm")
_ROOM = 2 << 30
"""Bytes that must be free there; the examples of this guide take a quarter."""
SYSTEM_PATH = "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin"


class Sandbox:
    """Scratch folders and supervised programs of one run; a context manager.

    Whatever happens inside, nothing is left after it: every program has ended and every folder
    is gone. What a killed run could not do, the next one does first (see `leftovers`).
    """

    def __init__(self, ledger: Path) -> None:
        self._ledger = Ledger(ledger)
        self._busy: set[subprocess.Popen[bytes]] = set()
        self._idle: list[subprocess.Popen[bytes]] = []
        self._lock = threading.Lock()
        self._closed = False
        self._numbers = itertools.count(1)

    def __enter__(self) -> Sandbox:
        self._ledger.settle()
        # Short, because the path of a Unix socket may have about 100 bytes.
        self.folder = Path(tempfile.mkdtemp(prefix="guide-", dir=_in_memory()))
        self.folder.chmod(0o711)
        self.mark = uuid.uuid4().hex
        self._ledger.open(self.mark, self.folder)
        return self

    def stop(self) -> None:
        """End every program that runs, and start no more."""
        with self._lock:
            self._closed = True
            supervisors = [*self._busy, *self._idle]
        for each in supervisors:
            _cut(each)
        for each in supervisors:
            with contextlib.suppress(subprocess.TimeoutExpired):
                each.wait(_PATIENCE)

    def __exit__(self, *error: object) -> None:
        self.stop()
        for each in self._idle:
            _dismiss(each)
        end_marked(self.mark, self.folder)
        shutil.rmtree(self.folder, ignore_errors=True)
        self._ledger.close()

    @contextlib.contextmanager
    def scratch(self) -> Iterator[Path]:
        """An empty folder that is gone afterwards, with a `tmp` and a `home` beside it."""
        place = self.folder / str(next(self._numbers))
        for each in ("work", "tmp", "home"):
            (place / each).mkdir(parents=True)
        try:
            yield place / "work"
        finally:
            shutil.rmtree(place, ignore_errors=True)

    def environment(self, work: Path, **more: str) -> dict[str, str]:
        """All that a program in the scratch folder `work` inherits."""
        return {
            "PATH": SYSTEM_PATH,
            "HOME": str(work.parent / "home"),
            "TMPDIR": str(work.parent / "tmp"),
            "LANG": "C.UTF-8",
            "TZ": "UTC",
            # Marks are compared by their beginning: the end keeps 1 apart from 10.
            MARK: f"{self.mark}-{work.parent.name}.",
            **more,
        }

    def run(
        self,
        command: Sequence[str],
        folder: Path,
        environment: Mapping[str, str],
        limits: Limits,
    ) -> Outcome:
        """Run `command` to its end, or to one of its limits."""
        with self.start(command, folder, environment, limits) as running:
            outcome = running.outcome()
        if outcome.end == "abandoned":
            end_marked(environment[MARK])
        return outcome

    @contextlib.contextmanager
    def start(
        self,
        command: Sequence[str],
        folder: Path,
        environment: Mapping[str, str],
        limits: Limits,
        log: Path | None = None,
        user: str | None = None,
        farewell: int | None = None,
    ) -> Iterator[Running]:
        """Start `command`, which ends with the block at the latest."""
        file = str(log) if log else None
        job = Job(tuple(command), str(folder), dict(environment), limits, file, user, farewell)
        with self._lock:
            if self._closed:
                raise SandboxClosedError
            supervisor = self._idle_supervisor() or self._new_supervisor()
            self._busy.add(supervisor)
            running = Running(supervisor, job)
        try:
            yield running
        finally:
            outcome = running.end()
            with self._lock:
                self._busy.discard(supervisor)
                # It takes no more if it was cut, or did not manage to clean up.
                is_free = outcome.is_clean and not _input(supervisor).closed
                if is_free:
                    self._idle.append(supervisor)
            if not is_free:
                _dismiss(supervisor)

    def _idle_supervisor(self) -> subprocess.Popen[bytes] | None:
        while self._idle:
            if (found := self._idle.pop()).poll() is None:
                return found
            _dismiss(found)  # something killed it meanwhile
        return None

    def _new_supervisor(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", "guide.examples.supervisor"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={"PATH": SYSTEM_PATH, MARK: self.mark},
            cwd=self.folder,
            start_new_session=True,
        )


class SandboxClosedError(Exception):
    """The run is over; nothing starts any more."""


class Running:
    """A program and its supervisor."""

    def __init__(self, supervisor: subprocess.Popen[bytes], job: Job) -> None:
        self._supervisor = supervisor
        self._outcome: Outcome | None = None
        # The pipe stays open as long as the program is wanted.
        line = json.dumps(dataclasses.asdict(job)) + "\n"
        with contextlib.suppress(BrokenPipeError):
            _input(supervisor).write(line.encode())
            _input(supervisor).flush()

    @property
    def has_ended(self) -> bool:
        """Whether the program is over."""
        told = _output(self._supervisor)
        return self._outcome is not None or bool(select.select([told], [], [], 0)[0])

    def outcome(self) -> Outcome:
        """Wait for the end and tell it; a supervisor that was killed is an end like others."""
        if self._outcome is None:
            self._outcome = _read_outcome(_output(self._supervisor).readline())
        return self._outcome

    def end(self) -> Outcome:
        """End it if it still runs."""
        if self._outcome is None:
            _cut(self._supervisor)
        return self.outcome()


def _in_memory() -> Path | None:
    """Where Linux keeps files in memory, if there is plenty and nobody chose another place.

    Databases are made of hundreds of small files, and programs of compilers' many: on a disk that
    takes a quarter of the time.
    """
    if "TMPDIR" in os.environ or not os.access(_MEMORY, os.W_OK | os.X_OK):
        return None
    there = os.statvfs(_MEMORY)
    free = min(there.f_bavail * there.f_frsize, psutil.virtual_memory().available // 2)
    return _MEMORY if free >= _ROOM and not there.f_flag & os.ST_NOEXEC else None


def _read_outcome(told: bytes) -> Outcome:
    try:
        given = json.loads(told)
        given["left"] = tuple(given["left"])
        return Outcome(**given)
    except (ValueError, TypeError, KeyError):
        detail = "it, or something else, killed the process that watched it"
        return Outcome("abandoned", None, "", "", detail=detail)


def _cut(supervisor: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(BrokenPipeError):
        _input(supervisor).close()


def _dismiss(supervisor: subprocess.Popen[bytes]) -> None:
    """Let go of one that has nothing to do."""
    _cut(supervisor)
    supervisor.wait()
    _output(supervisor).close()


def _input(supervisor: subprocess.Popen[bytes]) -> IO[bytes]:
    assert supervisor.stdin is not None
    return supervisor.stdin


def _output(supervisor: subprocess.Popen[bytes]) -> IO[bytes]:
    assert supervisor.stdout is not None
    return supervisor.stdout
