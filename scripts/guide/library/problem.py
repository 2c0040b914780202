"""What can be wrong with an input: data, not an exception, so that one bad file hides no other."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """Something unreadable or invalid that was met while reading the project.

    `path` is relative to the project root, `line` and `column` count from 1, `rule` is the
    id under which the problem is reported. It is `mendable` if writing the text back mends it.
    """

    path: str
    line: int
    column: int
    rule: str
    message: str
    hint: str = ""
    mendable: bool = False


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return "did you mean `x`?" for the nearest known word, or an empty string."""
    near = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"did you mean `{near[0]}`?" if near else ""
