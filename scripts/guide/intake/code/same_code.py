"""Whether blocks of code in several languages are variants of one example, by their own words."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

MIN_SHARED = 0.3
"""The share of names that two variants have in common: they do the same with the same things."""
MAX_CODE = 20_000
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{2,}")
_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_COMMENT = re.compile(r"^\s*(?:#|//|--|/\*+)\s*(?P<text>.*)$", re.MULTILINE)
_ROLES = frozenset(
    "client server frontend backend producer consumer publisher subscriber sender receiver before"
    " after step good bad wrong right first second".split()
)
_KEYWORDS = frozenset(
    "and async await break case catch class const continue def defer elif else err error except"
    " export extends false finally for from func function if implements import in int interface"
    " let main new nil none not null package pass print println printf console log public private"
    " protected raise range require return self static string struct super switch this throw throws"
    " true try type var void while with yield fmt system out".split()
)


def are_variants(codes: Sequence[str]) -> bool:
    """Tell whether each code does, by its names, what the one before it does."""
    roles = [_roles(code) for code in codes]
    if any(first != second for first, second in itertools.pairwise(roles)):
        return False
    names = [_names(code) for code in codes]
    return all(_share(first, second) >= MIN_SHARED for first, second in itertools.pairwise(names))


def _share(first: set[str], second: set[str]) -> float:
    smaller = min(len(first), len(second))
    return len(first & second) / smaller if smaller else 0.0


def _names(code: str) -> set[str]:
    parts = (
        part.lower() for name in _NAME.findall(code[:MAX_CODE]) for part in _PART.findall(name)
    )
    return {part for part in parts if len(part) > 2} - _KEYWORDS


def _roles(code: str) -> set[str]:
    comments = " ".join(match["text"] for match in _COMMENT.finditer(code[:MAX_CODE]))
    return set(re.findall(r"[a-z]+", comments.lower())) & _ROLES
