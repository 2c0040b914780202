"""Drawings on disk, named by what made them; a damaged file counts as absent."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from guide.diagrams.config import cache_key
from guide.library.writing import keep

_SEAL = re.compile(r"\n<!-- sha256 ([0-9a-f]{64}) -->\n\Z")


class DiagramCache:
    """A directory of canonical SVG files, each sealed with the digest of its contents."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def path(self, source: str) -> Path:
        """Return the file in which the drawing of `source` is kept."""
        return self.directory / f"{cache_key(source)}.svg"

    def get(self, source: str) -> str | None:
        """Return the drawing of `source`; None if there is none or its file is damaged."""
        try:
            text = self.path(source).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            return None
        seal = _SEAL.search(text)
        if seal is None:
            return None
        svg = text[: seal.start()]
        return svg if seal[1] == _digest(svg) else None

    def put(self, source: str, svg: str) -> str:
        """Keep a drawing; return why that was not possible, or an empty string."""
        try:
            keep(self.path(source), f"{svg}\n<!-- sha256 {_digest(svg)} -->\n".encode())
        except OSError as error:
            return (
                f"diagrams are drawn anew each time: {self.directory} is not writable"
                f" ({error.strerror}); make it writable or remove it"
            )
        return ""


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
