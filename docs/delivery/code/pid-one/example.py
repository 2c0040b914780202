"""Who hears SIGTERM, and who buries the orphans: shown with real processes.

Linux only. Process 1 of a container ignores signals it has no handler for; the
shells here stand in for it by ignoring SIGTERM.
"""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

SELF = [sys.executable, __file__]
GRACE = 1.0  # seconds; docker stop waits 10
PR_SET_CHILD_SUBREAPER = 36
# Three helpers whose parent ends at once; then wait for the end of input.
LEAVES_ORPHANS = """\
( (read x <&{0}) & (read x <&{0}) & (read x <&{0}) & )
echo ready
read line || exit 0
"""


def service() -> None:
    """Say when it is ready, wait for SIGTERM, finish, leave."""
    signals = {signal.SIGTERM}
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # the shell's child starts deaf
    print("ready", flush=True)
    signal.sigwait(signals)
    print("drained", flush=True)


# --8<-- [start:show]
def init(command: list[str], *, buries_all: bool) -> int:
    """A process 1: pass SIGTERM on, bury children, leave with the main one."""
    main = 0

    def forward(number: int, _frame: object) -> None:
        with contextlib.suppress(ProcessLookupError):  # it has just ended
            os.kill(main, number)

    signals = {signal.SIGTERM}
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)  # too early to pass it on
    signal.signal(signal.SIGTERM, forward)
    main = os.posix_spawn(command[0], command, os.environ, setsigmask=())
    signal.pthread_sigmask(signal.SIG_UNBLOCK, signals)
    wait_for = -1 if buries_all else main  # -1: any child, adopted ones too
    while True:
        child, ended = os.waitpid(wait_for, 0)
        if child == main:
            return exit_status(ended)


def exit_status(ended: int) -> int:
    code = os.waitstatus_to_exitcode(ended)
    return code if code >= 0 else 128 - code  # killed by signal n: 128 + n


# --8<-- [end:show]


def stop(command: list[str]) -> tuple[str, int]:
    """What docker stop does: SIGTERM, a grace period, SIGKILL for all."""
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    with process:
        process.stdout.readline()  # "ready"
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(GRACE)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
        heard = process.stdout.read().strip() or "heard nothing"
    code = process.returncode
    return heard, code if code >= 0 else 128 - code


def main() -> None:
    run = [*SELF, "service"]
    shell = ["sh", "-c"]
    starts = {
        "exec form: service": run,
        "shell form: sh, service": [*shell, 'trap "" TERM; "$@"; exit $?', "sh", *run],
        "script with exec": [*shell, 'trap "" TERM; exec "$@"', "sh", *run],
        "init, service": [*SELF, "init", "all", *run],
    }
    print(f"{'started as':<27}{'the service':<16}exit status")
    for name, command in starts.items():
        heard, status = stop(command)
        print(f"{name:<27}{heard:<16}{status}")

    print(f"\n{'process 1 waits for':<27}{'zombies left':<16}exit status")
    for name, waits in {"its own child only": "own", "any child": "all"}.items():
        zombies, status = leave_orphans(waits)
        print(f"{name:<27}{zombies:<16}{status}")


def leave_orphans(waits: str) -> tuple[int, int]:
    """Give an init three orphans that end; count those that nobody buried."""
    reader, writer = os.pipe()
    command = ["/bin/sh", "-c", LEAVES_ORPHANS.format(reader)]
    process = subprocess.Popen(
        [*SELF, "init", waits, *command],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        pass_fds=[reader],
    )
    with process:
        os.close(reader)
        process.stdout.readline()  # "ready": the orphans belong to the init
        os.close(writer)  # they see the end of the pipe and exit
        zombies = count_zombies(process.pid)
        process.stdin.close()  # the main process leaves, too
    return zombies, process.returncode


def count_zombies(parent: int) -> int:
    """Wait until only the main process lives, then a little for a burial."""
    until = time.monotonic() + 5
    while (states := children(parent)).count("Z") != len(states) - 1:
        if time.monotonic() > until:
            raise TimeoutError
        time.sleep(0.01)
    until = time.monotonic() + 0.3
    while "Z" in (states := children(parent)) and time.monotonic() < until:
        time.sleep(0.01)
    return states.count("Z")


def children(parent: int) -> list[str]:
    """The state of every child of a process."""
    stats = (_stat(folder) for folder in Path("/proc").glob("[0-9]*"))
    return [each[0] for each in stats if each[1:2] == [str(parent)]]


def _stat(folder: Path) -> list[str]:
    """State, parent and more of a process; empty if it is gone."""
    try:
        return (folder / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["service"]:
            service()
        case ["init", waits, *command]:
            # Adopt orphans, as process 1 does.
            ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)
            sys.exit(init(command, buries_all=waits == "all"))
        case _:
            main()
