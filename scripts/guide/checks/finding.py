"""What a check reports."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Severity = Literal["error", "note"]


@dataclass(frozen=True, slots=True, order=True)
class Edit:
    """A replacement in one file, from a place up to and without another; both count from 1."""

    line: int
    column: int
    end_line: int
    end_column: int
    text: str


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One thing that is wrong: where, under which rule, what, and what to do about it.

    `path` is relative to the project root; `line` and `column` count from 1. `fix` changes the
    file so that the finding goes away and nothing else changes its meaning; it is empty where
    that takes judgment.
    """

    path: str
    line: int
    column: int
    rule: str
    message: str
    hint: str = ""
    severity: Severity = "error"
    fix: tuple[Edit, ...] = field(default=(), compare=False)
