"""Which kinds of units stand in which, and what stands directly in each."""

from __future__ import annotations

from collections.abc import Sequence

from guide.intake.model import UnitText

HEADED = frozenset({"question", "section"})
"""Kinds of units that a heading opens; the others are content."""
LEAVES = frozenset({"code", "table", "list", "diagram"})
"""Kinds of units that say parts of what the unit around them is about."""


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
