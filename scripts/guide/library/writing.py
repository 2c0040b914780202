"""Write files so that none is ever half written, whatever ends the program."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import threading
from pathlib import Path

import psutil

_LEFTOVER = re.compile(r"\..+\.(?P<process>\d+)-\d+\.new")


def write_text(path: Path, text: str) -> None:
    """Write `text` as UTF-8 in place of `path`, all at once."""
    write_bytes(path, text.encode())


def write_bytes(path: Path, content: bytes) -> None:
    """Write `content` in place of `path`, all at once.

    What writers that were killed left in its folder is removed.
    """
    remove_leftovers(path.parent)
    own = f"{os.getpid()}-{threading.get_native_id()}"
    temporary = path.with_name(f".{path.name}.{own}.new")
    try:
        temporary.write_bytes(content)
        temporary.replace(path)
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


def keep(path: Path, content: bytes) -> None:
    """Write a file of a cache. A folder in its place is nothing that anybody wants to keep."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    write_bytes(path, content)


def remove_leftovers(folder: Path) -> None:
    """Remove what writers that were killed left in `folder`."""
    with os.scandir(folder) as entries:
        found = [(Path(each.path), _LEFTOVER.fullmatch(each.name)) for each in entries]
    for path, leftover in found:
        if leftover and not psutil.pid_exists(int(leftover["process"])):
            path.unlink(missing_ok=True)
