"""Units that say what was said before: earlier in the document, or by a question of the guide.

Precision comes first. Two units with a heading count as the same when their titles name the same
subject and what they hold does not speak against it; two lists or blocks of code when they hold
the same words. The same heading over different contents (`Tools`, `Benefits`) means nothing.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from guide.intake.model import UnitText
from guide.intake.relating.similarity import Index
from guide.intake.relating.topic_texts import TopicText
from guide.intake.relating.unit_families import LEAVES, families
from guide.intake.relating.unit_words import UnitWords

_EQUAL, _CLOSE = 0.9, 0.4
"""Likeness of titles that name the same subject, and of questions that may."""
_ROUNDING = 1e-6
"""A sum may come out this much smaller when its parts are added in another order."""
_RELATED, _ALIKE = 0.2, 0.5
"""Likeness of contents that equal titles need, and that close ones need."""
_FEWEST = 5
"""Different stems that a list or code needs to be told from others by its words alone."""
_ASKS_THE_SAME = 0.5
"""Likeness of a question with one of the guide, which often asks two things at once."""


@dataclass(frozen=True, slots=True)
class _Said:
    words: UnitWords
    title: frozenset[str]
    weights: Mapping[str, float]
    weight: float
    asked: frozenset[str]
    contents: Mapping[str, float]


def repeats(words: Mapping[str, UnitWords], index: Index) -> dict[str, tuple[str, ...]]:
    """For each unit that repeats earlier ones of the document, their ids in order.

    `words` are those of all units by id, in the order of the document.
    """
    inside = families([each.unit for each in words.values()])
    headed: dict[str, list[_Said]] = {}
    listed: dict[tuple[str, frozenset[str]], list[str]] = {}
    found: dict[str, tuple[str, ...]] = {}
    for name, each in words.items():
        if each.unit.kind in LEAVES:
            stems = frozenset(each.text)
            same = listed.setdefault((each.unit.kind, stems), [])
            if same and len(stems) >= _FEWEST:
                found[name] = tuple(same)
            same.append(name)
            continue
        weights = {key: 1 + index.rarity(key) for key in each.subject}
        said = _Said(
            words=each,
            title=frozenset(weights),
            weights=weights,
            weight=sum(weights.values()),
            asked=frozenset(each.asked),
            contents=_contents(name, words, inside, index),
        )
        near = {id(other): other for key in said.title for other in headed.get(key, ())}
        alike = [other.words.unit.id for other in near.values() if _same(said, other, index)]
        if alike:
            found[name] = tuple(alike)
        for key in said.title:
            headed.setdefault(key, []).append(said)
    return found


class KnownQuestions:
    """The interview questions of the guide, to find those that ask the same as a unit."""

    def __init__(self, topics: Iterable[TopicText], index: Index) -> None:
        self._index = index
        self._by_topic = {
            topic.slug: [
                (passage.anchor, frozenset(passage.subject))
                for passage in topic.passages
                if passage.is_question
            ]
            for topic in topics
        }

    def anchors(self, words: UnitWords, topic: str) -> tuple[str, ...]:
        """Anchors on the page of `topic` of the questions that a question asks, too."""
        wanted = frozenset(words.subject)
        if words.unit.kind != "question" or not wanted:
            return ()
        found = {
            anchor: _likeness(wanted, known, self._index)
            for anchor, known in self._by_topic.get(topic, ())
        }
        best = max(found.values(), default=0.0)
        return tuple(
            anchor
            for anchor, likeness in found.items()
            if likeness == best and likeness >= _ASKS_THE_SAME
        )


def _same(one: _Said, other: _Said, index: Index) -> bool:
    first, second = one.words.unit, other.words.unit
    if first.id == second.parent or second.id == first.parent:
        return False
    are_questions = first.kind == second.kind == "question"
    if are_questions and one.asked == other.asked:
        return True
    least = _CLOSE if are_questions else _EQUAL
    if _most_alike(one, other) < least:
        return False
    likeness = _likeness(one.title, other.title, index)
    if likeness < least:
        return False
    enough = _RELATED if likeness >= _EQUAL else _ALIKE
    return _cosine(one.contents, other.contents) >= enough


def _most_alike(one: _Said, other: _Said) -> float:
    """What the likeness of two titles is at most; quickly, for most pairs are nothing alike."""
    common = sum(map(one.weights.__getitem__, one.title & other.title))
    return common / max(one.weight, other.weight) + _ROUNDING


def _likeness(one: frozenset[str], other: frozenset[str], index: Index) -> float:
    """How much of what two titles say together both say, 0 to 1."""
    common = sum(1 + index.rarity(key) for key in one & other)
    either = sum(1 + index.rarity(key) for key in one | other)
    return common / either if either else 0.0


def _contents(
    name: str,
    words: Mapping[str, UnitWords],
    inside: Mapping[str, Sequence[UnitText]],
    index: Index,
) -> dict[str, float]:
    """Weighted stems of all that a unit holds, without its own title."""
    counts = Counter(words[name].text)
    waiting = list(inside.get(name, ()))
    while waiting:
        unit = waiting.pop()
        counts.update(words[unit.id].text)
        counts.update(words[unit.id].subject)
        waiting += inside.get(unit.id, ())
    return {
        key: (1 + math.log(count)) * index.rarity(key)
        for key, count in counts.items()
        if index.rarity(key) > 0
    }


def _cosine(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    common = sum(weight * other[key] for key, weight in one.items() if key in other)
    sizes = math.hypot(*one.values()) * math.hypot(*other.values())
    return common / sizes if sizes else 0.0
