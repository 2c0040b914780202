"""Where results are kept from one run to the next, and what happens where nothing can be kept."""

from __future__ import annotations

import atexit
import functools
import logging
import os
import shutil
import tempfile
from pathlib import Path

from guide.library.writing import remove_leftovers

CACHE = ".cache"
PLACE = "GUIDE_CACHE"
"""Environment variable that tells programs which this one starts where results are kept."""
_FOLDERS = ("diagrams", "examples", "examples/passed", "examples/runs")
_FILES = ("memo",)
_COPIED = ("diagrams", "examples/passed", "memo")
"""What is small and takes long to make again."""
_log = logging.getLogger(__name__)


@functools.cache
def cache_folder(root: Path) -> Path:
    """The cache of the project at `root`: .cache, or where it cannot be written, a copy.

    The copy lives as long as the command. What has the wrong kind in the cache is removed.
    """
    told = os.environ.get(PLACE)
    if told:
        return Path(told)
    folder = root / CACHE
    reason = _why_unusable(folder)
    if not reason:
        return folder
    _log.warning(
        "%s cannot be used (%s): nothing is kept for the next run; make it writable or remove it",
        folder,
        reason,
    )
    return _copied(folder)


def _why_unusable(folder: Path) -> str:
    """Why nothing can be written into `folder`; empty if something can."""
    try:
        folder.mkdir(exist_ok=True)
        for name in ("", *_FOLDERS):
            if (folder / name).is_dir() and not os.access(folder / name, os.W_OK | os.X_OK):
                return f"{name or 'it'} is read-only"
        _remove_wrong_kinds(folder)
        remove_leftovers(folder)
    except OSError as error:
        return "it is a file" if folder.is_file() else error.strerror or str(error)
    return ""


def _remove_wrong_kinds(folder: Path) -> None:
    for name in _FOLDERS:
        path = folder / name
        if path.exists() and not path.is_dir():
            _log.warning("%s was a file: removed, it has to be a folder", path)
            path.unlink()
    for name in _FILES:
        path = folder / name
        if path.is_dir():
            _log.warning("%s was a folder: removed, it has to be a file", path)
            shutil.rmtree(path)


def _copied(folder: Path) -> Path:
    copy = Path(tempfile.mkdtemp(prefix="guide-cache-"))
    atexit.register(shutil.rmtree, copy, ignore_errors=True)
    for name in _COPIED:
        source, target = folder / name, copy / name
        target.parent.mkdir(exist_ok=True)
        try:
            if source.is_dir():
                shutil.copytree(source, target)
            elif source.is_file():
                shutil.copyfile(source, target)
        except (OSError, shutil.Error):  # then it is made again
            continue
    return copy
