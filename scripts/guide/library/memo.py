"""Results of pure functions of file contents, kept from one run to the next.

A page that did not change is not parsed again. Everything a result depends on is part of its
key: the texts it was computed from, and once for all the code that computed it.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import logging
import pickle
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import markdown
import pymdownx.__meta__

from guide.library.writing import keep

Result = TypeVar("Result")
MAX_UNUSED = 3
"""How many times more results than a run used are kept."""
_SEAL_LENGTH = 32
_PACKAGE = Path(__file__).resolve().parents[1]


def digest(*parts: str) -> str:
    """A short key for texts, in their order."""
    joined = "\0".join(f"{len(part)}:{part}" for part in parts)
    return hashlib.sha256(joined.encode("utf-8", "surrogatepass")).hexdigest()[:32]


class Memo:
    """A store of results in one file, which only this program writes and reads.

    Without a file it lives as long as the process. A file that is damaged is an empty one: it
    begins with the digest of the rest.
    """

    def __init__(self, file: Path | None = None) -> None:
        self._file = file
        self._stored: dict[str, bytes] = _read(file) if file else {}
        self._used: dict[str, bytes] = {}
        self._fresh = False

    def get(self, kind: str, key: str, compute: Callable[[], Result]) -> Result:
        """Return what `compute` returned for `kind` and `key` before, or compute it now."""
        name = f"{kind}:{key}"
        packed = self._used.get(name) or self._stored.get(name)
        if packed is not None:
            self._used[name] = packed
            value: Result = pickle.loads(packed)
            return value
        value = compute()
        self._used[name] = pickle.dumps(value, pickle.HIGHEST_PROTOCOL)
        self._fresh = True
        return value

    def save(self) -> None:
        """Write what there is, if any of it is new.

        What this run did not use is kept, because a page that changed still shows most of its
        code, until it outnumbers what was used.
        """
        if self._file is None or not self._fresh:
            return
        kept = {**self._stored, **self._used}
        if len(kept) > MAX_UNUSED * len(self._used):
            kept = self._used
        packed = pickle.dumps((fingerprint(), kept), pickle.HIGHEST_PROTOCOL)
        with contextlib.suppress(OSError):  # a read-only checkout is checked all the same
            keep(self._file, _seal(packed) + packed)


@functools.cache
def fingerprint() -> str:
    """Identify the code that computes results: this package, Python and the parsers."""
    # Size and time of change, not content: reading all of it would take as long as a check.
    stats = ((str(file), file.stat()) for file in sorted(_PACKAGE.rglob("*.*")))
    sources = (
        f"{name} {stat.st_size} {stat.st_mtime_ns}"
        for name, stat in stats
        if name.endswith((".py", ".json"))
    )
    return digest(sys.version, markdown.__version__, pymdownx.__meta__.__version__, *sources)


def _read(file: Path) -> dict[str, bytes]:
    try:
        content = file.read_bytes()
    except OSError:
        return {}
    seal, packed = content[:_SEAL_LENGTH], memoryview(content)[_SEAL_LENGTH:]
    if seal != _seal(packed):
        logging.getLogger(__name__).warning("%s is damaged: all is computed again", file)
        return {}
    made_by, stored = pickle.loads(packed)
    return stored if made_by == fingerprint() else {}


def _seal(packed: bytes | memoryview) -> bytes:
    return hashlib.sha256(packed).digest()
