"""How a unit of a document relates to the guide: near topics, duplicates, where it is known."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Home:
    """A topic near to a unit.

    `score` is about the probability that the topic is the unit's main home, 0 to 1. `place` is
    the part of the topic's page nearest to the unit, `area/slug#anchor`; without the anchor if no
    part says anything of it or the page is still planned.
    """

    topic: str
    score: float
    place: str


@dataclass(frozen=True, slots=True)
class Relation:
    """How a unit of a document relates to the guide and to the units before it.

    `homes` come best first; there are none if no word of the unit is known. `sure` tells whether
    the first may be proposed without a question mark. `duplicate_of` are ids of earlier units
    that say the same, `known_at` questions of the guide, `area/slug#anchor`, that ask the same.
    """

    unit: str
    homes: tuple[Home, ...] = ()
    sure: bool = False
    duplicate_of: tuple[str, ...] = ()
    known_at: tuple[str, ...] = ()
