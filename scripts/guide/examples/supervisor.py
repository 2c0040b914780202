"""Run one program after the other, each with everything it starts, and end all of it.

`python -m guide.examples.supervisor` is a process of its own. It reads a job (one line of JSON)
from its standard input and writes the outcome (another) to its standard output; after a clean one
it takes the next job. The program gets a session of its own; on Linux this process is its
subreaper, so that a descendant that outlives its parent, or leaves the session, is adopted here
and found. Its memory is watched rather than limited: Go, Node and Java reserve address space that
they never use.

Standard input stays open as a lifeline: when whoever gave the job dies, it is at its end, and
the program ends with it.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import json
import os
import pwd
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from guide.examples.job import End, Job, Limits, Outcome
from guide.examples.output import Output, Pipes, drain
from guide.examples.processes import count_threads, descendants, glance

POLL = 0.03
"""Seconds between two looks at the processes, or more where looking takes long itself."""
GRACE = 60.0
"""Seconds that killing may take before the outcome says that something is left."""
_FAREWELL = 2.0
"""Seconds for helpers that end by themselves once the program has, as Python's resource tracker,
and for servers that clean up."""
_MORE_THREADS = 2_000
"""How many threads this user may have beyond those at the start, all programs together."""
_LIFELINE = 0
_PR_SET_CHILD_SUBREAPER = 36
_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def main() -> None:
    """Take jobs, run them, tell how they ended, until one ends badly or no more is wanted."""
    _adopt_orphans()
    _stay_ahead()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with contextlib.suppress(BrokenPipeError, _AbandonedError):
        for job in iter(_read_job, None):
            outcome = _run(job)
            print(json.dumps(asdict(outcome)), flush=True)
            if not outcome.is_clean:
                break


def _read_job() -> Job | None:
    """The next job; None if there is none."""
    _on_signals(_abandon)
    line = bytearray()
    while not line.endswith(b"\n"):
        piece = os.read(_LIFELINE, 1)  # not a byte more: the rest is the lifeline
        if not piece:
            return None
        line += piece
    given = json.loads(line)
    given["limits"] = Limits(**given["limits"])
    return Job(**given)


class _AbandonedError(Exception):
    """Nobody waits for the outcome any more."""


def _abandon(number: int, frame: object) -> None:
    raise _AbandonedError


def _on_signals(action: Callable[[int, object], None] | signal.Handlers) -> None:
    for number in _SIGNALS:
        signal.signal(number, action)


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


def _hold_back(limits: Limits) -> None:
    """Called in the program's process: let the person at the machine go first, and fill no disk."""
    os.nice(5)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limits.file_size, limits.file_size))


def _run(job: Job) -> Outcome:
    output = Output(job.limits.output)
    try:
        program = _start(job)
    except (OSError, LookupError) as error:
        return Outcome("no start", None, "", "", detail=str(error))
    code: int | None = None
    try:
        end, code, detail = _watch(program, job.limits, output)
    except _AbandonedError:
        end, detail = "abandoned", ""
    _on_signals(signal.SIG_IGN)  # what is left is to end it all
    if job.farewell and code is None:
        code = _take_leave(program, job.farewell)
    left = _left_by(program.pid) if end == "exit" else ()
    remaining, status = end_descendants(program.pid)
    code = status if code is None else code
    if remaining:
        detail = f"still running: {', '.join(remaining)}"
    drain(program, output)
    return Outcome(end, code, output.text("stdout"), output.text("stderr"), left, detail)


def _take_leave(program: subprocess.Popen[bytes], farewell: int) -> int | None:
    """Ask it to end; return its exit code if it does."""
    program.send_signal(farewell)
    until = time.monotonic() + _FAREWELL
    while (code := reap(program.pid)) is None and time.monotonic() < until:
        time.sleep(POLL)
    return code


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
            preexec_fn=functools.partial(_hold_back, job.limits),
            user=job.user,
            group=pwd.getpwnam(job.user).pw_gid if job.user else None,
            extra_groups=[] if job.user else None,
        )


def _watch(
    program: subprocess.Popen[bytes], limits: Limits, output: Output
) -> tuple[End, int | None, str]:
    """Wait for the program's end, or for a reason to end it."""
    until = time.monotonic() + limits.seconds
    pause = POLL
    with Pipes(program, _LIFELINE) as pipes:
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
            processes = glance()
            if len(processes) > limits.processes:
                return "processes", None, f"more than {limits.processes} at a time"
            if sum(each.memory for each in processes) > limits.memory:
                return "memory", None, f"more than {limits.memory >> 20} MiB"
            pause = max(POLL, 10 * (time.monotonic() - started))


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
    while True:
        for group in groups:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(group, signal.SIGKILL)
        ended = reap(program)
        code = ended if code is None else code
        found = descendants()
        groups = {each.group for each in found} - {os.getpgrp()}
        if not groups or time.monotonic() > until:
            return [each.name for each in found], code


if __name__ == "__main__":
    main()
