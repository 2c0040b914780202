"""Results of pure functions of file contents, kept from one run to the next.

A page that did not change is not parsed again. Everything a result depends on is part of its
key: the texts it was computed from, and once for all the code that computed it.
"""

from __future__ import annotations

import functools
import hashlib
import logging
import os
import pickle
import sqlite3
import sys
import weakref
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, TypeVar

Result = TypeVar("Result")
MAX_UNUSED = 3
"""How many times more results than a run used are kept."""
_PACKAGE = Path(__file__).resolve().parents[1]
_TABLE = "CREATE TABLE IF NOT EXISTS results (name TEXT PRIMARY KEY, seal BLOB, value BLOB)"
_NAMES = "SELECT name FROM results WHERE name LIKE ?"
_FIND = "SELECT seal, value FROM results WHERE name = ?"
_KEEP = "INSERT OR REPLACE INTO results VALUES (?, ?, ?)"
_FORGET = "DELETE FROM results WHERE name = ?"
_log = logging.getLogger(__name__)


def digest(*parts: str) -> str:
    """A short key for texts, in their order."""
    joined = "\0".join(f"{len(part)}:{part}" for part in parts)
    return hashlib.sha256(joined.encode("utf-8", "surrogatepass")).hexdigest()[:32]


class Memo:
    """A store of results in one SQLite file, which only this program writes and reads.

    Without a file it lives as long as the process. What cannot be read, all of the file or one
    result, is told once and computed again.
    """

    def __init__(self, file: Path | None = None) -> None:
        self._file = file
        self._stored: sqlite3.Connection | None = None
        self._opened_in = 0
        self._fresh: dict[str, bytes] = {}
        self._used: dict[str, set[str]] = {}
        self._is_damaged = False

    def get(self, kind: str, key: str, compute: Callable[[], Result]) -> Result:
        """Return what `compute` returned for `kind` and `key` before, or compute it now."""
        found: Result | None = self.find(kind, key)
        return self.keep(kind, key, compute()) if found is None else found

    def find(self, kind: str, key: str) -> Any | None:
        """Return what is kept for `kind` and `key`, which is never None, or None."""
        name = _name(kind, key)
        self._used.setdefault(kind, set()).add(name)
        packed = self._packed(name)
        return None if packed is None else pickle.loads(packed)

    def keep(self, kind: str, key: str, value: Result) -> Result:
        """Keep `value` for `kind` and `key`, and return it."""
        self._fresh[_name(kind, key)] = pickle.dumps(value, pickle.HIGHEST_PROTOCOL)
        return value

    def save(self) -> None:
        """Write what is new.

        What this run did not use is kept, because a page that changed still shows most of its
        code, until there is much more of its kind than was used.
        """
        if self._file is None or not self._fresh:
            return
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            try:
                self._write(self._file)
            except sqlite3.OperationalError:
                raise
            except sqlite3.DatabaseError:  # it is damaged
                self._file.unlink()
                self._write(self._file)
        except (OSError, sqlite3.Error) as error:
            _log.warning(
                "%s cannot be written (%s): all is computed again each time; remove it",
                self._file,
                error,
            )
            return
        self._fresh.clear()
        self._stored = None

    def _packed(self, name: str) -> bytes | None:
        if name in self._fresh:
            return self._fresh[name]
        try:
            found = self._find(name)
        except sqlite3.OperationalError:  # it cannot be opened, or has no results yet
            return None
        except sqlite3.DatabaseError:
            self._tell_damage()
            return None
        if found is None or found[0] == _seal(found[1]):
            return found and found[1]
        self._tell_damage()
        return None

    def _find(self, name: str) -> tuple[bytes, bytes] | None:
        if self._stored is None or self._opened_in != os.getpid():  # no connection outlives a fork
            if self._file is None or not self._file.exists():
                return None
            place = f"{self._file.absolute().as_uri()}?mode=ro"
            self._stored = sqlite3.connect(place, uri=True)
            self._opened_in = os.getpid()
            weakref.finalize(self, self._stored.close)
        found: tuple[bytes, bytes] | None = self._stored.execute(_FIND, (name,)).fetchone()
        return found

    def _write(self, file: Path) -> None:
        with closing(sqlite3.connect(file)) as store, store:
            # A file that a power failure damages is computed again: no need to wait for the disk.
            store.execute("PRAGMA synchronous = OFF")
            store.execute(_TABLE)
            store.executemany(
                _KEEP, ((name, _seal(packed), packed) for name, packed in self._fresh.items())
            )
            for kind, used in self._used.items():
                stored = {name for (name,) in store.execute(_NAMES, (f"{kind} %",))}
                if len(stored - used) > MAX_UNUSED * len(used):
                    store.executemany(_FORGET, ((name,) for name in stored - used))

    def _tell_damage(self) -> None:
        if not self._is_damaged:
            _log.warning("%s is damaged: all is computed again", self._file)
        self._is_damaged = True


@functools.cache
def fingerprint() -> str:
    """Identify the code that computes results: this package, Python and all that is installed."""
    # Size and time of change, not content: reading all of it would take as long as a check.
    stats = ((str(file), file.stat()) for file in sorted(_PACKAGE.rglob("*.*")))
    sources = (
        f"{name} {stat.st_size} {stat.st_mtime_ns}"
        for name, stat in stats
        if name.endswith((".py", ".json"))
    )
    installed = (
        folder.name for place in sys.path for folder in sorted(Path(place).glob("*.dist-info"))
    )
    return digest(sys.version, *sources, *installed)


def _name(kind: str, key: str) -> str:
    return f"{kind} {key} {fingerprint()}"


def _seal(packed: bytes) -> bytes:
    return hashlib.blake2b(packed, digest_size=16).digest()
