"""Whether anything in the checkout changed while programs ran."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path

_NOT_WATCHED = frozenset(
    (
        ".cache",
        ".mypy_cache",
        ".pytest_cache",
        ".ruff_cache",
        ".rumdl_cache",
        ".venv",
        "__pycache__",
        "node_modules",
        "site",
    )
)
_STAGING = ".site."
"""Folders that tools write to while the guide works; the last one is how names begin."""

State = tuple[int, int, int]


class CheckoutWatch:
    """Compares the files of a project with what they were at the last look.

    Looks at when a file's record was changed, which no program can set back.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._lock = threading.Lock()
        self._known = dict(_states(root))

    def changes(self) -> list[str]:
        """Paths that were written, made or removed since the last look."""
        with self._lock:
            now = dict(_states(self._root))
            changed = [
                path
                for path in sorted(self._known.keys() | now.keys())
                if self._known.get(path) != now.get(path)
            ]
            self._known = now
            return changed


def _is_watched(folder: str) -> bool:
    return folder not in _NOT_WATCHED and not (
        folder.endswith(".egg-info") or folder.startswith(_STAGING)
    )


def _states(root: Path) -> Iterator[tuple[str, State]]:
    pending = [root]
    while pending:
        for entry in os.scandir(pending.pop()):
            path = Path(entry.path)
            if entry.name == ".git" and entry.is_dir(follow_symlinks=False):
                # Git's own files change as people work; what it would execute does not.
                pending += [hooks for hooks in (path / "hooks",) if hooks.is_dir()]
            elif entry.is_dir(follow_symlinks=False):
                if _is_watched(entry.name):
                    pending.append(path)
            else:
                stat = entry.stat(follow_symlinks=False)
                name = path.relative_to(root).as_posix()
                yield name, (stat.st_size, stat.st_ctime_ns, stat.st_ino)
