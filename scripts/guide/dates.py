"""When a page last changed: its review, or its last commit; never the clock."""

from __future__ import annotations

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
        committed = _last_commit(library.root, f"docs/{path}")
        if committed is not None:
            return committed
    return newest(library)


def newest(library: Library) -> datetime.date:
    """The latest review of any page that is published."""
    pages = (page for page in library.pages.values() if page.is_published)
    dates = [page.meta.reviewed for page in pages if page.meta]
    return max((date for date in dates if date is not None), default=EPOCH)


@functools.cache
def _last_commit(root: Path, path: str) -> datetime.date | None:
    try:
        done = subprocess.run(
            ["git", "log", "-1", "--format=%cs", "--", path],
            cwd=root,
            capture_output=True,
            text=True,
            timeout=20,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return datetime.date.fromisoformat(done.stdout.strip()) if done.stdout.strip() else None
