"""Drawings on disk, named by content: a drawing made once is never made again."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path

from guide.diagrams.config import cache_key

_SEAL = "<!-- sha256:"


class DiagramCache:
    """Finished drawings in one folder; a damaged entry counts as missing."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, source: str) -> str | None:
        """Return the drawing of `source`, or None if there is no whole one."""
        try:
            text = self._path(source).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            return None
        svg, seal, rest = text.rpartition(_SEAL)
        return svg if seal and rest == _digest(svg) + " -->\n" else None

    def put(self, source: str, svg: str) -> None:
        """Keep a drawing; raises OSError if the folder cannot be written."""
        self._folder.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=self._folder, suffix=".new")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(f"{svg}{_SEAL}{_digest(svg)} -->\n")
            os.replace(temporary, self._path(source))
        except OSError:
            Path(temporary).unlink(missing_ok=True)
            raise

    def _path(self, source: str) -> Path:
        return self._folder / f"{cache_key(source)}.svg"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
