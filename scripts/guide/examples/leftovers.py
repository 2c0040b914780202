"""What a run that was killed left behind, and how the next one ends it.

Every process of a run carries a mark in its environment and lives in the run's scratch folder;
either tells it (PostgreSQL writes its title over its environment).
The ledger notes both with the process that runs it, before anything starts.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import psutil

MARK = "GUIDE_EXAMPLES_RUN"
"""Environment variable that says to which run a process belongs."""
_GRACE = 5.0
"""Seconds to wait for killed processes to be gone."""


class Ledger:
    """A folder with one file for each run that has not ended."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._entry = folder / f"{os.getpid()}-{os.urandom(4).hex()}.json"

    def open(self, mark: str, scratch: Path) -> None:
        """Note this run."""
        self._folder.mkdir(parents=True, exist_ok=True)
        own = psutil.Process()
        entry = {
            "pid": own.pid,
            "started": own.create_time(),
            "mark": mark,
            "scratch": str(scratch),
        }
        self._entry.write_text(json.dumps(entry), encoding="utf-8")

    def close(self) -> None:
        """Strike this run out: it has ended everything itself."""
        self._entry.unlink(missing_ok=True)

    def settle(self) -> int:
        """End what runs that are no more have left; return how many processes that were."""
        ended = 0
        for file in sorted(self._folder.glob("*.json")):
            try:
                entry = json.loads(file.read_text(encoding="utf-8"))
                if _runs(entry["pid"], entry["started"]):
                    continue
                mark, scratch = str(entry["mark"]), Path(entry["scratch"])
            except (OSError, ValueError, KeyError, TypeError):
                file.unlink(missing_ok=True)
                continue
            ended += end_marked(mark, scratch)
            if scratch.name.startswith("guide-"):
                shutil.rmtree(scratch, ignore_errors=True)
            file.unlink(missing_ok=True)
        return ended


def end_marked(mark: str, scratch: Path | None = None) -> int:
    """Kill the processes whose mark begins with `mark`, and those that live in `scratch`.

    Returns how many there were.
    """
    ended: set[int] = set()
    until = time.monotonic() + _GRACE
    while (found := list(_marked(mark, scratch))) and time.monotonic() < until:
        for each in found:
            with contextlib.suppress(psutil.Error):
                each.kill()
                ended.add(each.pid)
        time.sleep(0.01)
    return len(ended)


def _marked(mark: str, scratch: Path | None) -> Iterator[psutil.Process]:
    for each in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            if each.pid == os.getpid() or each.status() == psutil.STATUS_ZOMBIE:
                continue
            if each.environ().get(MARK, "").startswith(mark) or (
                scratch is not None and Path(each.cwd()).is_relative_to(scratch)
            ):
                yield each


def _runs(pid: int, started: float) -> bool:
    """Whether that very process still runs: numbers of processes are used again."""
    try:
        return psutil.Process(pid).create_time() == started
    except psutil.Error:
        return False
