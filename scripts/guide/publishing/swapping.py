"""Exchange two folders in one step, where the operating system can."""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path

_AT_FDCWD = -100
_EXCHANGE = 2
"""RENAME_EXCHANGE of Linux and RENAME_SWAP of macOS."""


def exchange(first: Path, second: Path) -> bool:
    """Give each of two paths what is at the other; False if that cannot be done in one step."""
    names = os.fsencode(first), os.fsencode(second)
    try:
        if sys.platform == "linux":
            rename = ctypes.CDLL(None).renameat2
            return bool(rename(_AT_FDCWD, names[0], _AT_FDCWD, names[1], _EXCHANGE) == 0)
        if sys.platform == "darwin":
            return bool(ctypes.CDLL(None).renamex_np(*names, _EXCHANGE) == 0)
    except AttributeError:  # a C library without it
        return False
    return False
