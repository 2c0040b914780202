"""How much a topic matters to somebody who has no time for all of them."""

from __future__ import annotations

from collections.abc import Mapping

from guide.library.model import Library

IN_PLANS, BUILT_UPON = 70, 30
"""What the plans count for and what the prerequisites do, of 100."""


def weights(library: Library) -> Mapping[str, int]:
    """The weight of each topic of the map, from 0 to 100.

    It grows with the number of study plans that read the topic, more so the earlier they do (the
    last day counts half of the first), and with the number of topics that build on it, also by way
    of others, as the square root: the tenth adds less than the first.
    """
    topics = library.curriculum.by_slug
    above = dict.fromkeys(topics, 0)
    for slug in topics:
        for needed in library.curriculum.foundations(slug):
            above[needed] += 1
    most = max(above.values(), default=0) or 1
    return {
        slug: round(IN_PLANS * _in_plans(library, slug) + BUILT_UPON * (above[slug] / most) ** 0.5)
        for slug in topics
    }


def _in_plans(library: Library, slug: str) -> float:
    """1 if every plan reads the topic on its first day, 0 if none reads it."""
    early = [
        1 - (plan.day_of[slug] - 1) / (2 * max(1, len(plan.days) - 1))
        for plan in library.plans
        if slug in plan.day_of
    ]
    return sum(early) / len(library.plans) if early else 0.0
