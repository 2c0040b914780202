"""Check one hostile file in this process and watch: crash, hang, reads outside, odd findings."""

from __future__ import annotations

import contextlib
import mimetypes
import os
import shutil
import signal
import sys
import threading
import traceback
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fuzzing.cases import Case
from guide.checks import REPORTERS, Report, check_sources
from guide.library import ProjectError
from guide.project import load

LIMIT = 2.0
"""Seconds for one file; a page of the guide takes about a hundredth."""


@dataclass(frozen=True, slots=True)
class Failure:
    """What went wrong with a case. `kind`: crash, hang, outside or finding.

    Two cases with the same `kind` and `where` fail for the same reason, as far as one can tell.
    """

    case: Case
    kind: str
    where: str
    detail: str


class _HangError(BaseException):
    """Raised by the timer; no `except Exception` on the way catches it."""


class Harness:
    """Puts cases into the miniature project at `root` and runs the checks over it."""

    def __init__(self, root: Path, limit: float = LIMIT) -> None:
        self.root = root.resolve()
        self._limit = limit

    def run(self, case: Case) -> Failure | None:
        """Check the project with `case` in it; None if all went as it should."""
        with self._placed(case), _watching(self.root) as outside:
            failure = self._checked(case)
        if outside:
            return Failure(case, "outside", outside[0], ", ".join(outside[:5]))
        return failure

    def _checked(self, case: Case) -> Failure | None:
        try:
            with _timer(self._limit), warnings.catch_warnings():
                warnings.simplefilter("error")
                report = check_sources(load(self.root))
                for render in REPORTERS.values():
                    render(report).encode("utf-8")
        except _HangError as error:
            return Failure(case, "hang", _place(error), f"more than {self._limit} s")
        except ProjectError as error:
            # Only the project's own configuration may stop everything, and with a sentence.
            if case.path == "mkdocs.yml":
                return None
            return Failure(case, "crash", _place(error), f"ProjectError: {error}")
        except Exception as error:
            return Failure(case, "crash", _place(error), f"{type(error).__name__}: {error}"[:300])
        return self._odd(case, report)

    def _odd(self, case: Case, report: Report) -> Failure | None:
        """A finding about the case that names no line of it."""
        lines = _lines(case.data) if case.kind == "file" else 1
        for finding in report.findings:
            wrong_line = finding.path == case.path and finding.line > lines + 1
            if wrong_line or finding.line < 1 or finding.column < 1 or not finding.path:
                detail = f"{finding.path}:{finding.line}:{finding.column} of {lines} lines"
                return Failure(case, "finding", finding.rule, detail)
        return None

    @contextlib.contextmanager
    def _placed(self, case: Case) -> Iterator[None]:
        path = self.root / case.path
        old = path.read_bytes() if path.exists() else None
        path.unlink(missing_ok=True)
        path.parent.mkdir(parents=True, exist_ok=True)
        if case.kind == "file":
            path.write_bytes(case.data)
        elif case.kind == "link":
            path.symlink_to(os.fsdecode(case.data))
        elif case.kind == "pipe":
            os.mkfifo(path)
        else:
            path.mkdir()
        try:
            yield
        finally:
            shutil.rmtree(path) if case.kind == "folder" else path.unlink()
            if old is not None:
                path.write_bytes(old)


@contextlib.contextmanager
def _timer(seconds: float) -> Iterator[None]:
    def ring(*_: object) -> None:
        raise _HangError

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@dataclass(frozen=True, slots=True)
class _Watch:
    """What one thread, `thread`, may read (`allowed` and below) and what it did beside that.

    Other threads of this process (a test's own server) have nothing to do with the case: the
    checks start none.
    """

    thread: int
    allowed: tuple[str, ...]
    found: list[str]


_watch: _Watch | None = None
_hooked = False


@contextlib.contextmanager
def _watching(root: Path) -> Iterator[list[str]]:
    """Collect what is opened outside `root` and Python itself; hooks cannot be removed again."""
    global _watch, _hooked
    if not _hooked:
        mimetypes.init()  # reads tables of the system once, when a library first asks for them
        sys.addaudithook(_audit)
        _hooked = True
    installed = {sys.prefix, sys.base_prefix, *filter(None, sys.path), str(Path(__file__).parent)}
    allowed = tuple(os.path.realpath(each) for each in (root, *installed, "/dev/null"))
    _watch = _Watch(threading.get_ident(), allowed, [])
    try:
        yield _watch.found
    finally:
        _watch = None


def _audit(event: str, arguments: tuple[Any, ...]) -> None:
    if _watch is None or threading.get_ident() != _watch.thread:
        return
    if event in ("subprocess.Popen", "os.system", "socket.connect", "os.exec", "os.posix_spawn"):
        _watch.found.append(f"{event} {arguments[0]!r}")
    elif event in ("open", "os.listdir", "os.scandir") and isinstance(arguments[0], str | bytes):
        name = os.fsdecode(arguments[0])
        if name.startswith("<"):  # Python looks for the source of code that has no file
            return
        path = os.path.realpath(name)
        if not any(path == each or path.startswith(f"{each}{os.sep}") for each in _watch.allowed):
            _watch.found.append(f"{event} {path}")


def _place(error: BaseException) -> str:
    """Type and innermost place in the guide's own code, to tell failures apart."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if "/guide/" in frame.filename] or frames
    name = type(error).__name__.strip("_")
    return f"{name} in {Path(own[-1].filename).name}:{own[-1].name}" if own else name


def _lines(data: bytes) -> int:
    return len(
        data.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    )
