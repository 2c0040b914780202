"""The source of a diagram as numbered lines, and what is done to them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from guide.intake.model import ChangeKind

MAX_LINE = 1_000
"""Longer lines are nothing that a person wrote; they stay as they are."""

Lines = tuple[tuple[int, str], ...]
"""Lines of a source with the numbers they had at first, from 1."""

FLOWCHARTS = frozenset({"flowchart", "flowchart-elk", "graph"})
STATES = frozenset({"stateDiagram", "stateDiagram-v2"})
CLASSES = frozenset({"classDiagram", "classDiagram-v2"})
BLOCKS = frozenset({"block", "block-beta"})


@dataclass(frozen=True, slots=True)
class Edit:
    """One change: `before` is the text that is gone from `line`, `after` what stands there."""

    kind: ChangeKind
    line: int
    message: str
    before: str = ""
    after: str = ""


def numbered(source: str) -> Lines:
    """Split a source into lines."""
    return tuple(enumerate(source.splitlines(), 1))


def joined(lines: Iterable[tuple[int, str]]) -> str:
    """Put lines together again, each with its line feed."""
    return "".join(f"{text}\n" for _, text in lines)
