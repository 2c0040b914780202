"""What the words of one unit say about its topic, before its surroundings are heard."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from guide.intake.relating.framing import PREPARATION
from guide.intake.relating.similarity import Index
from guide.intake.relating.stems import pairs
from guide.intake.relating.topic_texts import TopicText
from guide.intake.relating.unit_families import LEAVES
from guide.intake.relating.unit_words import UnitWords

FIELD_WEIGHTS = {
    "name": 9.0,
    "question": 3.0,
    "heading": 3.0,
    "term": 5.0,
    "summary": 2.5,
    "body": 1.0,
    "code": 0.4,
}
"""How much a word of each field of a topic says. The ranking hardly depends on the figures."""
_LEAF_TITLE = 0.35
"""A label above a list or code says less than a heading: `Benefits`, `Example`, `Monitoring`."""
_NAMED = 0.6
"""What a title says that holds a name of a topic, beside one that shares all its words."""
_TEXT = 0.9
"""What all words of a text say, beside all words of a heading."""
_SAID = 0.2
"""What a text says that consists of names of a topic, beside one that shares all its words."""
_PAIR = 0.7
"""What two neighboring stems say as one, beside each of them."""
_LITTLE = 2.0
"""What is added to what a text wants to be heard: a word or two are soon said by somebody."""
_LONGEST = 400
"""Stems of a text that are read; what follows in a long listing adds nothing."""
_NAMES_IN = 60
"""Stems of a text among which names are looked for."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """How much a unit speaks of each topic, in the order of the map.

    `scores` are comparable between units; `named` is the share of the title, 0 to 1, that is a
    name of some topic: such a title needs no surroundings to be understood.
    """

    scores: tuple[float, ...]
    named: float


class EvidenceReader:
    """Reads evidence; keep one, making it weighs all words of all topics."""

    def __init__(self, topics: Sequence[TopicText]) -> None:
        self.index = Index([topic.fields for topic in topics], FIELD_WEIGHTS)
        self._size = len(topics)
        self._owners: dict[tuple[str, ...], list[int]] = {}
        for number, topic in enumerate(topics):
            for name in topic.names:
                self._owners.setdefault(name, []).append(number)
        self._longest_name = max(map(len, self._owners), default=0)
        slugs = [topic.slug for topic in topics]
        self._preparation = slugs.index(PREPARATION) if PREPARATION in slugs else None

    def read(self, words: UnitWords, about_itself: float = 0.0) -> Evidence:
        """What a unit says by itself, if this share of it is about the document (0 to 1)."""
        kind, title, text = words.unit.kind, words.subject, words.text[:_LONGEST]
        is_source = kind in ("code", "diagram")
        title_shares = self.index.shares(self._wanted(title))
        text_shares = self.index.shares(self._wanted(text, only_known=is_source), _LITTLE)
        named = self._names_in(title)
        said = self._names_in(() if kind == "code" else text[:_NAMES_IN])
        of_title = _LEAF_TITLE if kind in LEAVES else 1.0
        scores = [
            of_title * (a + _NAMED * b) + _TEXT * (c + _SAID * d)
            for a, b, c, d in zip(title_shares, named, text_shares, said, strict=True)
        ]
        if about_itself:
            scores = [score * (1 - about_itself) for score in scores]
            if self._preparation is not None:
                scores[self._preparation] += about_itself
        return Evidence(tuple(scores), max((about_itself, *named)))

    def _wanted(self, found: tuple[str, ...], only_known: bool = False) -> dict[str, float]:
        """Stems and known pairs with weights; code has names of its own, which say nothing."""
        counts = Counter(found)
        wanted = {
            key: 1 + math.log(count)
            for key, count in counts.items()
            if not only_known or self.index.knows(key)
        }
        for key, count in Counter(pairs(found)).items():
            if self.index.knows(key):
                wanted[key] = _PAIR * (1 + math.log(count))
        return wanted

    def _names_in(self, found: tuple[str, ...]) -> list[float]:
        """For each topic, the largest share of `found` that is one of its names."""
        shares = [0.0] * self._size
        spans = [
            (start, end)
            for start in range(len(found))
            for end in range(start + 1, min(start + self._longest_name, len(found)) + 1)
            if found[start:end] in self._owners
        ]
        total = sum(self.index.rarity(key) for key in found)
        for start, end in spans if total else ():
            if any(a <= start and end <= b and b - a > end - start for a, b in spans):
                continue  # `rate limiting` in `API rate limiting` names what the longer name does
            owners = self._owners[found[start:end]]
            share = sum(self.index.rarity(key) for key in found[start:end]) / total
            for owner in owners:
                shares[owner] = max(shares[owner], share / math.sqrt(len(owners)))
        return shares
