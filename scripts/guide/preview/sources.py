"""Which files changed: what the preview is made from, compared by time and size."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

Stamps = Mapping[str, tuple[int, int]]
"""Time of change and size of each file, by its absolute path."""


def stamps(places: Iterable[Path]) -> Stamps:
    """Look at all files in `places` (files and folders), except hidden ones."""
    return {path: stamp for place in places for path, stamp in _files(str(place))}


def changed(before: Stamps, now: Stamps) -> frozenset[str]:
    """Paths of files that came, went or changed."""
    return frozenset(path for path, _ in before.items() ^ now.items())


def _files(place: str) -> Iterator[tuple[str, tuple[int, int]]]:
    """Walk with `scandir`: this runs on every save."""
    with contextlib.suppress(NotADirectoryError, FileNotFoundError), os.scandir(place) as entries:
        for entry in entries:
            if entry.name.startswith("."):
                continue
            if entry.is_dir(follow_symlinks=False):
                yield from _files(entry.path)
            else:
                yield from _stamp(Path(entry.path))
        return
    yield from _stamp(Path(place))


def _stamp(file: Path) -> Iterator[tuple[str, tuple[int, int]]]:
    with contextlib.suppress(OSError):  # it went, or is a link to nothing
        status = file.stat()
        yield str(file), (status.st_mtime_ns, status.st_size)
