"""How much of a text each of several others says: BM25 over weighted fields."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

_SATURATION = 2.0
"""Weighted count at which a stem says half of what it can say."""
_LENGTH = 0.6
"""How far long fields are discounted: 0 not at all, 1 in proportion."""


class Index:
    """Fielded texts that can be asked which of them speak of some stems."""

    def __init__(
        self, texts: Sequence[Mapping[str, Mapping[str, int]]], weights: Mapping[str, float]
    ) -> None:
        self._size = len(texts)
        weighted = _weighted(texts, weights)
        found: dict[str, list[tuple[int, float]]] = {}
        for number, counts in enumerate(weighted):
            for key, weight in counts.items():
                found.setdefault(key, []).append((number, weight / (weight + _SATURATION)))
        self._postings = found
        # A stem that every text says counts by how unevenly they say it, so sums, not counts.
        self._rarity = {
            key: math.log(1 + self._size / sum(part for _, part in postings)) - math.log(2)
            for key, postings in found.items()
        }
        self._unknown = math.log(1 + self._size)

    def rarity(self, key: str) -> float:
        """How much a stem tells the texts apart; the highest for one that none of them has."""
        return max(0.0, self._rarity.get(key, self._unknown))

    def knows(self, key: str) -> bool:
        """Whether any of the texts has the stem."""
        return key in self._postings

    def shares(self, wanted: Mapping[str, float], unheard: float = 0.0) -> list[float]:
        """For each text, the part of `wanted` (stems with weights) that it says, 0 to 1.

        `unheard` is added to what is wanted and said by none: it makes little of few stems.
        """
        scores = [0.0] * self._size
        total = unheard
        for key, weight in wanted.items():
            worth = weight * self.rarity(key)
            total += worth
            if worth > 0:
                for number, part in self._postings.get(key, ()):
                    scores[number] += worth * part
        return [score / total for score in scores] if total else scores


def _weighted(
    texts: Sequence[Mapping[str, Mapping[str, int]]], weights: Mapping[str, float]
) -> Iterable[dict[str, float]]:
    """Counts of all fields as one, discounted where a field is longer than usual."""
    lengths = {name: [sum(text[name].values()) for text in texts] for name in weights}
    usual = {name: max(1.0, sum(each) / max(1, len(each))) for name, each in lengths.items()}
    for number, text in enumerate(texts):
        merged: dict[str, float] = {}
        for name, weight in weights.items():
            norm = 1 - _LENGTH + _LENGTH * lengths[name][number] / usual[name]
            for key, count in text[name].items():
                merged[key] = merged.get(key, 0.0) + weight * count / norm
        yield merged
