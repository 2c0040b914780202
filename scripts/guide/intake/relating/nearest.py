"""The place of a topic's page that is nearest to a unit: a section or an interview question."""

from __future__ import annotations

from collections.abc import Mapping

from guide.intake.relating.similarity import Index
from guide.intake.relating.topic_texts import TopicText

_TITLE, _BODY = 3.0, 1.0
"""What a stem says in the heading of a passage and in its text."""
_USUAL = 1.5
"""Occurrences in a text of usual length at which a stem says half of what it can say."""


class Nearest:
    """The passages of one topic, ready to be asked."""

    def __init__(self, topic: TopicText, index: Index) -> None:
        self._anchors = [passage.anchor for passage in topic.passages]
        lengths = [sum(passage.body.values()) for passage in topic.passages]
        usual = max(1.0, sum(lengths) / max(1, len(lengths)))
        found: dict[str, dict[int, float]] = {}
        for number, passage in enumerate(topic.passages):
            half = _USUAL * (0.5 + 0.5 * lengths[number] / usual)
            for key, count in passage.body.items():
                found.setdefault(key, {})[number] = _BODY * count / (count + half)
            for key in set(passage.title):
                weights = found.setdefault(key, {})
                weights[number] = weights.get(number, 0.0) + _TITLE
        self._postings = {
            key: [(number, index.rarity(key) * weight) for number, weight in weights.items()]
            for key, weights in found.items()
        }

    def anchor(self, wanted: Mapping[str, float]) -> str | None:
        """The anchor of the passage that says most of `wanted`; None if none says any of it."""
        scores: dict[int, float] = {}
        for key, weight in wanted.items():
            for number, part in self._postings.get(key, ()):
                scores[number] = scores.get(number, 0.0) + weight * part
        if not scores:
            return None
        return self._anchors[max(scores, key=lambda number: (scores[number], -number))]
