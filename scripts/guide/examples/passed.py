"""Runs that passed, remembered by content and tools: nothing that is known is run again."""

from __future__ import annotations

import contextlib
import functools
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from guide.library.memo import digest
from guide.library.writing import keep


@dataclass(frozen=True, slots=True)
class PassedRun:
    """What is worth knowing of it: how many statements, commands or messages it was."""

    count: int | None


class PassedRuns:
    """A folder with one small file for each run that passed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def find(self, key: Sequence[str]) -> PassedRun | None:
        """The run with this content and these tools, if it passed before."""
        try:
            count = json.loads(self._file(key).read_text(encoding="utf-8"))["count"]
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return PassedRun(count if isinstance(count, int) else None)

    def keep(self, key: Sequence[str], count: int | None) -> None:
        """Remember it; a read-only checkout runs everything again."""
        with contextlib.suppress(OSError):
            keep(self._file(key), json.dumps({"count": count}).encode())

    def _file(self, key: Sequence[str]) -> Path:
        return self._folder / f"{digest(_runner(), *key)}.json"


@functools.cache
def _runner() -> str:
    """Identify the code that runs examples: other code may judge otherwise."""
    sources = sorted(Path(__file__).parent.glob("*.py"))
    return digest(*(source.read_text(encoding="utf-8") for source in sources))
