"""What relating needs of a unit of a study document."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from guide.intake.model import UnitKind

HEADED = frozenset({"question", "section"})
"""Kinds of units that a heading opens; the others are content."""
LEAVES = frozenset({"code", "table", "list", "diagram"})
"""Kinds of units that say parts of what the unit around them is about."""


@dataclass(frozen=True, slots=True)
class UnitText:
    """A unit of a document: its id, and its own words without those of its children.

    `title` is the heading, the question or the bold lead of a bullet; for code, tables, lists and
    diagrams the label above them, if there is one. `text` is Markdown; for code it is the code,
    for a diagram its source, for a table its cells. `parent` is the id of the unit around it.
    """

    id: str
    kind: UnitKind
    title: str
    text: str
    parent: str | None


def families(units: Sequence[UnitText]) -> dict[str, list[UnitText]]:
    """The units directly inside each unit, in order; only units that have some.

    Parents come before children: a parent that follows, or is not there, is none.
    """
    seen: set[str] = set()
    inside: dict[str, list[UnitText]] = {}
    for unit in units:
        if unit.parent is not None and unit.parent in seen and unit.id not in seen:
            inside.setdefault(unit.parent, []).append(unit)
        seen.add(unit.id)
    return inside
