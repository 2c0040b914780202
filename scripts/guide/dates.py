"""When a page last changed: its review, or its last commit; never the clock."""

from __future__ import annotations

import calendar
import datetime
import functools
import subprocess
from pathlib import Path

from guide.library import Library

EPOCH = datetime.date(2026, 11, 21)
"""Stands in where there is neither a review date nor a Git history (a downloaded archive)."""


def last_change(library: Library, path: str) -> datetime.date:
    """Date of the page `path` (relative to docs/); generated pages change with any page."""
    page = library.pages.get(path)
    if page is not None and page.meta is not None and page.meta.reviewed is not None:
        return page.meta.reviewed
    if page is not None and page.kind != "generated":
        committed = _last_commits(library.root).get(f"docs/{path}")
        if committed is not None:
            return committed
    return newest(library)


def newest(library: Library) -> datetime.date:
    """The latest review of any page that is published."""
    pages = (page for page in library.pages.values() if page.is_published)
    dates = [page.meta.reviewed for page in pages if page.meta]
    return max((date for date in dates if date is not None), default=EPOCH)


def changed_at(library: Library) -> int:
    """When the guide last changed, in Unix seconds: its last commit, else its latest review."""
    committed = _git_log(library.root, "-1", "--format=%ct", "--", ".")
    return int(committed) if committed else calendar.timegm(newest(library).timetuple())


@functools.cache
def _last_commits(root: Path) -> dict[str, datetime.date]:
    """The date of the last commit of each file in docs/; asked once, as Git starts slowly."""
    dates: dict[str, datetime.date] = {}
    shown = _git_log(
        root, "--format=%x00%cs", "--name-only", "--no-renames", "--relative", "--", "docs"
    )
    for commit in shown.split("\0")[1:]:
        date, *files = commit.split("\n")
        for file in files:
            dates.setdefault(file, datetime.date.fromisoformat(date))
    return dates


def _git_log(root: Path, *options: str) -> str:
    """What `git log` shows; empty where there is no history."""
    try:
        done = subprocess.run(
            ["git", "-c", "core.quotePath=false", "log", *options],
            cwd=root,
            capture_output=True,
            text=True,
            timeout=20,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip()
