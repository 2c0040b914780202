"""What tests share that is no fixture."""

from __future__ import annotations

import contextlib
import functools
import os
from pathlib import Path

import psutil
import pytest

from guide.examples.leftovers import MARK
from guide.library import Library
from guide.project import load

ROOT = Path(__file__).resolve().parents[1]


@functools.cache
def this_guide() -> Library:
    """The guide of this repository, read once for all tests of a process."""
    return load(ROOT)


def needs(tool: str | None, name: str) -> None:
    """Skip without `tool` on a laptop, fail in CI."""
    if tool is None:
        reason = f"{name} is not installed"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)


def marked(mark: str) -> list[int]:
    """Processes that carry a run's mark and are alive."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            is_marked = process.environ().get(MARK, "").startswith(mark)
            if is_marked and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process.pid)
    return found
