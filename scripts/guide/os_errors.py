"""What the operating system refused, told so that people know what to do."""

from __future__ import annotations

import errno
import os
import re

_FULL = (errno.ENOSPC, errno.EDQUOT)
_FORBIDDEN = (errno.EROFS, errno.EACCES, errno.EPERM)
_LINE = re.compile(r"\w+(?:Error)?: \[Errno (?P<number>\d+)\] (?P<text>[^:]*)(?:: '(?P<file>.+)')?")


def explain(error: OSError) -> str:
    """What happened, where, and what to do."""
    what = error.strerror or str(error)
    where = f": {os.fspath(error.filename)}" if isinstance(error.filename, str) else ""
    if error.errno in _FULL:
        return f"the disk is full ({what}){where}; make room and run the command again"
    if error.errno in _FORBIDDEN:
        return f"writing is not allowed ({what}){where}; make it writable, or check who owns it"
    return f"{what}{where}"


def from_line(line: str) -> OSError | None:
    """The error that the last line of a Python program's output tells of, if it does."""
    match = _LINE.fullmatch(line.strip())
    if match is None:
        return None
    return OSError(int(match["number"]), match["text"], match["file"])
