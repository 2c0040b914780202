"""Folders list their entries in an order of chance: Python imports this first if it is on the path.

No file system promises an order; programs that need one have to sort.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from typing import Any

_listdir, _scandir = os.listdir, os.scandir
_random = random.Random(os.environ.get("UNSORTED_SEED", "1"))


class _Shuffled:
    """Stands in for what os.scandir returns."""

    def __init__(self, entries: Any) -> None:
        with entries:
            self._left = list(entries)
        _random.shuffle(self._left)

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        if not self._left:
            raise StopIteration
        return self._left.pop()

    def __enter__(self) -> _Shuffled:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Nothing is open."""


def _unsorted(*arguments: Any, **named: Any) -> list[Any]:
    names = _listdir(*arguments, **named)
    _random.shuffle(names)
    return names


os.listdir = _unsorted  # type: ignore[assignment]
os.scandir = lambda *arguments, **named: _Shuffled(_scandir(*arguments, **named))  # type: ignore
