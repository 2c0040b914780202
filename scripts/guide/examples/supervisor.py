"""Run one program and everything it starts, and end all of it. A process of its own.

`python -m guide.examples.supervisor` reads a job (one line of JSON) from its standard input and
writes the outcome (JSON) to its standard output. The program gets a session of its own; on Linux
this process is its subreaper, so that a descendant that outlives its parent, or leaves the
session, is adopted here and found. Its memory is watched rather than limited: Go, Node and Java
reserve address space that they never use.

Standard input stays open as a lifeline: when whoever gave the job dies, it is at its end, and
the program ends with it.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import pwd
import resource
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Literal

from guide.examples.processes import count_threads, descendants

POLL = 0.03
"""Seconds between two looks at the processes, or more where looking takes long itself."""
GRACE = 60.0
"""Seconds that killing may take before the outcome says that something is left."""
_FAREWELL = 2.0
"""Seconds for helpers that end by themselves once the program has, as Python's resource tracker."""
_MORE_THREADS = 2_000
"""How many threads this user may have beyond those at the start, all programs together."""
_LIFELINE = 0
_CHUNK = 65_536
_PR_SET_CHILD_SUBREAPER = 36
_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)

End = Literal["exit", "time", "memory", "output", "processes", "abandoned", "no start"]


@dataclass(frozen=True, slots=True)
class Limits:
    """What a program may use: seconds, bytes of memory and of output, processes, bytes a file."""

    seconds: float
    memory: int = 1 << 30
    output: int = 1 << 20
    processes: int = 64
    file_size: int = 256 << 20


@dataclass(frozen=True, slots=True)
class Job:
    """A program to run.

    `environment` is all that it inherits. A server has a `log` file, which takes its output
    instead of the outcome, and may have a `user` of its own, if root starts it.
    """

    command: tuple[str, ...]
    folder: str
    environment: dict[str, str]
    limits: Limits
    log: str | None = None
    user: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """How it ended, what it printed, and which processes it left behind (ended by now)."""

    end: End
    code: int | None
    stdout: str
    stderr: str
    left: tuple[str, ...] = ()
    detail: str = ""


@dataclass(slots=True)
class _Output:
    """What came through the two pipes so far."""

    limit: int
    parts: dict[str, bytearray] = field(
        default_factory=lambda: {"stdout": bytearray(), "stderr": bytearray()}
    )

    @property
    def is_full(self) -> bool:
        return sum(map(len, self.parts.values())) >= self.limit

    def add(self, name: str, data: bytes) -> None:
        room = self.limit - sum(map(len, self.parts.values()))
        self.parts[name] += data[:room]

    def text(self, name: str) -> str:
        return self.parts[name].decode("utf-8", "backslashreplace")


def main() -> None:
    """Take the job, run it, tell the outcome."""
    job = _read_job()
    for number in _SIGNALS:
        signal.signal(number, _abandon)
    _adopt_orphans()
    _stay_ahead()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    size = job.limits.file_size
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
    with contextlib.suppress(BrokenPipeError):
        print(json.dumps(asdict(_run(job))), flush=True)


def _read_job() -> Job:
    line = bytearray()
    while not line.endswith(b"\n"):
        piece = os.read(_LIFELINE, 1)  # not a byte more: the rest is the lifeline
        if not piece:
            sys.exit("the job is not complete")
        line += piece
    given = json.loads(line)
    given["limits"] = Limits(**given["limits"])
    return Job(**given)


class _AbandonedError(Exception):
    """Nobody waits for the outcome any more."""


def _abandon(number: int, frame: object) -> None:
    raise _AbandonedError


def _adopt_orphans() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _stay_ahead() -> None:
    """Get the processor whenever it is needed here, however many processes want it too.

    Only root may ask for that. Others may not start more than a number of processes, which
    root may, so a program that forks without end meets one of the two.
    """
    if hasattr(os, "SCHED_FIFO") and os.geteuid() == 0:
        policy = os.SCHED_FIFO | os.SCHED_RESET_ON_FORK
        with contextlib.suppress(OSError):
            os.sched_setscheduler(0, policy, os.sched_param(1))
    elif os.geteuid() != 0:
        hard = resource.getrlimit(resource.RLIMIT_NPROC)[1]
        wanted = count_threads(os.geteuid()) + _MORE_THREADS
        if hard == resource.RLIM_INFINITY or wanted < hard:
            resource.setrlimit(resource.RLIMIT_NPROC, (wanted, wanted))


def _stand_back() -> None:
    """Let the person at the machine go first."""
    os.nice(5)


def _run(job: Job) -> Outcome:
    output = _Output(job.limits.output)
    try:
        program = _start(job)
    except (OSError, LookupError) as error:
        return Outcome("no start", None, "", "", detail=str(error))
    code: int | None = None
    try:
        end, code, detail = _watch(program, job.limits, output)
    except _AbandonedError:
        end, detail = "abandoned", ""
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_IGN)  # what is left is to end it all
    left = _left_by(program.pid) if end == "exit" else ()
    remaining, status = end_descendants(program.pid)
    code = status if code is None else code
    if remaining:
        detail = f"still running: {', '.join(remaining)}"
    _drain(program, output)
    return Outcome(end, code, output.text("stdout"), output.text("stderr"), left, detail)


def _left_by(program: int) -> tuple[str, ...]:
    """The names of what still runs though the program has ended."""
    until = time.monotonic() + _FAREWELL
    while left := tuple(each.name for each in descendants() if each.pid != program):
        if time.monotonic() > until:
            break
        time.sleep(POLL)
    return left


def _start(job: Job) -> subprocess.Popen[bytes]:
    with contextlib.ExitStack() as files:
        log = files.enter_context(Path(job.log).open("ab")) if job.log else None
        return subprocess.Popen(
            job.command,
            cwd=job.folder,
            env=job.environment,
            stdin=subprocess.DEVNULL,
            stdout=log or subprocess.PIPE,
            stderr=log or subprocess.PIPE,
            start_new_session=True,
            preexec_fn=_stand_back,
            user=job.user,
            group=pwd.getpwnam(job.user).pw_gid if job.user else None,
            extra_groups=[] if job.user else None,
        )


def _watch(
    program: subprocess.Popen[bytes], limits: Limits, output: _Output
) -> tuple[End, int | None, str]:
    """Wait for the program's end, or for a reason to end it."""
    until = time.monotonic() + limits.seconds
    pause = POLL
    with _Pipes(program) as pipes:
        while True:
            if not pipes.read(output, pause):
                return "abandoned", None, ""
            if output.is_full:
                return "output", None, f"more than {limits.output:,} bytes"
            code = reap(program.pid)
            if code is not None:
                return "exit", code, ""
            if time.monotonic() > until:
                return "time", None, f"more than {limits.seconds:g} s"
            started = time.monotonic()
            processes = descendants()
            if len(processes) > limits.processes:
                return "processes", None, f"more than {limits.processes} at a time"
            if sum(each.memory for each in processes) > limits.memory:
                return "memory", None, f"more than {limits.memory >> 20} MiB"
            pause = max(POLL, 10 * (time.monotonic() - started))


class _Pipes:
    """The program's two pipes and the lifeline, read as data comes."""

    def __init__(self, program: subprocess.Popen[bytes]) -> None:
        self._selector = selectors.DefaultSelector()
        self._selector.register(_LIFELINE, selectors.EVENT_READ, "lifeline")
        self._piped = program.stdout is not None
        for name, pipe in _pipes(program):
            self._selector.register(pipe.fileno(), selectors.EVENT_READ, name)

    def __enter__(self) -> _Pipes:
        return self

    def __exit__(self, *error: object) -> None:
        self._selector.close()

    def read(self, output: _Output, seconds: float) -> bool:
        """Take what comes within `seconds`; False if the lifeline is cut."""
        until = time.monotonic() + seconds
        while (rest := until - time.monotonic()) > 0 and not output.is_full:
            for key, _ in self._selector.select(rest):
                data = os.read(key.fd, _CHUNK)
                if key.data == "lifeline":
                    return False
                output.add(key.data, data)
                if not data:
                    self._selector.unregister(key.fd)
            if self._piped and len(self._selector.get_map()) == 1:
                time.sleep(0.002)  # both pipes are closed: it is about to end
                break
        return True


def reap(wanted: int) -> int | None:
    """Collect every process that has ended; return the exit code of `wanted` if it is one."""
    code = None
    with contextlib.suppress(ChildProcessError):
        while True:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                break
            if pid == wanted:
                code = os.waitstatus_to_exitcode(status)
    return code


def end_descendants(program: int) -> tuple[list[str], int | None]:
    """Kill all that descends from this process; return what would not die, and the exit code.

    A signal to a process group reaches all of it at once, also while it forks; groups that the
    program made meanwhile are found and killed until there are none.
    """
    code: int | None = None
    groups = {program}
    until = time.monotonic() + GRACE
    while groups and time.monotonic() < until:
        for group in groups:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(group, signal.SIGKILL)
        ended = reap(program)
        code = ended if code is None else code
        groups = {each.group for each in descendants()} - {os.getpgrp()}
    return [each.name for each in descendants()], code


def _pipes(program: subprocess.Popen[bytes]) -> Iterator[tuple[str, IO[bytes]]]:
    """The pipes by their names; a server with a log has none."""
    for name, pipe in (("stdout", program.stdout), ("stderr", program.stderr)):
        if pipe is not None:
            yield name, pipe


def _drain(program: subprocess.Popen[bytes], output: _Output) -> None:
    """Read what is left in the pipes, which nobody writes to any more."""
    for name, pipe in _pipes(program):
        os.set_blocking(pipe.fileno(), False)
        with contextlib.suppress(BlockingIOError):
            while data := os.read(pipe.fileno(), _CHUNK):
                output.add(name, data)


if __name__ == "__main__":
    main()
