"""What a unit is about, given what stands around it.

A code block under a question mostly belongs where the question does, a heading of an outline
where its bullets do. How far a unit follows its surroundings depends on its kind and on whether
its own title is a name of a topic.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass

from guide.intake.model import UnitText
from guide.intake.relating.evidence import Evidence
from guide.intake.relating.unit_families import HEADED, LEAVES, families

Scores = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class _Ties:
    """How strongly a kind of unit follows its parent, and how far a name frees it from that."""

    parent: float
    freed: float


_TIES: Mapping[str, _Ties] = {
    "question": _Ties(parent=0.0, freed=0.0),
    "section": _Ties(parent=0.5, freed=0.7),
    "bullet": _Ties(parent=0.15, freed=0.7),
    # The points of an answer name other topics all the time; they are still its points.
    "list": _Ties(parent=1.3, freed=0.1),
    "code": _Ties(parent=0.9, freed=0.7),
    "table": _Ties(parent=0.9, freed=0.7),
    "diagram": _Ties(parent=0.9, freed=0.7),
}
_CHILDREN = 0.8
"""What the units inside say together, beside the unit's own words."""
_SECTION_BEFORE = 0.3
"""What the last section before a list or code says that stands in the same unit."""


def in_context(
    units: Sequence[UnitText], evidence: Mapping[str, Evidence], frame: Container[str]
) -> dict[str, Scores]:
    """For each unit, how much it speaks of each topic, all in all. Parents come before children.

    `frame` are the units that are about the document itself: what has a title of its own in
    them, such as a list of databases under `Core skills`, is no part of an answer.
    """
    inside = families(units)
    with_children = {unit.id: _joined(evidence, unit, inside.get(unit.id, ())) for unit in units}
    total: dict[str, Scores] = {}
    section_before: dict[str, str] = {}
    for unit in units:
        scores = with_children[unit.id]
        if unit.parent in total and unit.parent is not None:
            stands_alone = unit.parent in frame and unit.title and unit.kind in LEAVES
            ties = _TIES["bullet" if stands_alone else unit.kind]
            held = 1 - ties.freed * evidence[unit.id].named
            scores = _plus(scores, held * ties.parent, _leveled(total[unit.parent]))
            before = section_before.get(unit.parent)
            if before and unit.kind in LEAVES:
                scores = _plus(scores, held * _SECTION_BEFORE, _leveled(with_children[before]))
            if unit.kind in HEADED:
                section_before[unit.parent] = unit.id
        total[unit.id] = scores
    return total


def _joined(
    evidence: Mapping[str, Evidence], unit: UnitText, children: Sequence[UnitText]
) -> Scores:
    scores = evidence[unit.id].scores
    for child in children:
        scores = _plus(scores, _CHILDREN / len(children), evidence[child.id].scores)
    return scores


def _plus(scores: Scores, weight: float, others: Scores) -> Scores:
    return tuple(a + weight * b for a, b in zip(scores, others, strict=True))


def _leveled(scores: Scores) -> Scores:
    """Scores with 1 for the highest, so that each surrounding counts as much as it may."""
    top = max(scores, default=0.0)
    return tuple(score / top for score in scores) if top else scores
