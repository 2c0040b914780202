"""Who descends from this process, read fast enough to keep up with a program that forks."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True, slots=True)
class Process:
    """A process that has not ended; `memory` is what it keeps in memory, in bytes."""

    pid: int
    parent: int
    group: int
    name: str
    memory: int


def descendants() -> list[Process]:
    """All that descends from this process, without itself; for certain, and slow to tell."""
    children: dict[int, list[Process]] = {}
    for each in _all():
        children.setdefault(each.parent, []).append(each)
    found: list[Process] = []
    pending = [os.getpid()]
    while pending:
        for each in children.pop(pending.pop(), ()):
            found.append(each)
            pending.append(each.pid)
    return found


def glance() -> list[Process]:
    """The same as `descendants`, told fast enough to look often.

    Linux lists the children of each thread (proc_tid_children(5)), so this takes the longer, the
    more there are of them, however many processes the machine has. While one of them ends, another
    can be missing from the list.
    """
    if not Path(f"/proc/self/task/{os.getpid()}/children").exists():
        return descendants()
    found: list[Process] = []
    pending = [str(os.getpid())]
    while pending:
        children = _children(pending.pop())
        found += filter(None, map(_from_stat, children))
        pending += children
    return found


def count_threads(user: int) -> int:
    """How many threads the user with this number has now."""
    count = 0
    for each in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if each.uids().real == user:
                count += each.num_threads()
    return count


def _all() -> Iterator[Process]:
    return _from_proc() if sys.platform == "linux" else _from_psutil()


def _from_proc() -> Iterator[Process]:
    names = os.listdir("/proc")  # noqa: PTH208 (a third faster, and here that counts)
    return filter(None, map(_from_stat, filter(str.isdecimal, names)))


def _from_stat(pid: str) -> Process | None:
    """None if it has ended. One file on Linux, proc_pid_stat(5), where psutil reads several."""
    try:
        text = Path("/proc", pid, "stat").read_bytes()
    except OSError:
        return None
    before, _, after = text.rpartition(b")")
    fields = after.split()
    if fields[0] in (b"Z", b"X"):
        return None
    title = before.partition(b"(")[2].decode("utf-8", "replace")
    return Process(int(pid), int(fields[1]), int(fields[2]), title, int(fields[21]) * _PAGE)


def _children(pid: str) -> list[str]:
    found: list[str] = []
    with contextlib.suppress(OSError):  # it has ended meanwhile
        for task in os.listdir(f"/proc/{pid}/task"):  # noqa: PTH208
            found += Path("/proc", pid, "task", task, "children").read_text().split()
    return found


def _from_psutil() -> Iterator[Process]:
    for each in psutil.process_iter(["pid", "ppid", "name", "status", "memory_info"]):
        try:
            group = os.getpgid(each.pid)
        except OSError:
            continue
        if each.info["status"] != psutil.STATUS_ZOMBIE and each.info["memory_info"]:
            memory = each.info["memory_info"].rss
            yield Process(each.pid, each.info["ppid"], group, each.info["name"] or "?", memory)
