"""The level of a part of a document: what its headings say, else that of the nearest topics."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from guide.intake.relating.framing import is_framing
from guide.library.front_matter import LEVELS, Level
from guide.library.words import words

_UNMISTAKABLE: Mapping[Level, frozenset[str]] = {
    "foundation": frozenset("beginner beginners junior juniors novice fresher freshers".split()),
    "core": frozenset("intermediate midlevel".split()),
    "advanced": frozenset("advanced expert experts senior seniors".split()),
}
"""Words that name a level wherever they stand in a heading."""
_AMBIGUOUS: Mapping[Level, frozenset[str]] = {
    "foundation": frozenset("basic basics easy entry foundation fundamentals".split()),
    "core": frozenset("medium mid middle".split()),
    "advanced": frozenset("difficult hard".split()),
}
"""Words that name a level in a heading about nothing else: `basic auth` is for anybody."""
_CHINESE: Mapping[Level, re.Pattern[str]] = {
    "foundation": re.compile("初级|初級|初阶|初階|入门|入門|基础|基礎|简单|簡單"),
    # Stands for the middle of three where there are three, and basics come before it.
    "core": re.compile("中级|中級|中阶|中階|中等|进阶|進階"),
    "advanced": re.compile("高级|高級|高阶|高階|资深|資深|专家|專家|困难|困難"),
}
STATED, _MENTIONED = 0.95, 0.75
"""Confidence in a heading that is about the level, and in one that has a word of it."""
_BY_TOPICS = 0.7
"""Confidence in the level of the topics, where all are of one level."""
_MAJORITY = 0.6
"""Share of the topics that have to be of one level to speak for it."""


@dataclass(frozen=True, slots=True)
class LevelGuess:
    """A level, or None where nothing speaks for one, with a confidence from 0 to 1."""

    level: Level | None
    confidence: float


def level_of(headings: Sequence[str], topics: Iterable[tuple[Level, float]]) -> LevelGuess:
    """The level said by the innermost of `headings` that says one; they go from outside in.

    Where none does, the levels of the nearest `topics` decide by their scores, if most agree.
    """
    for heading in reversed(headings):
        guess = said(heading)
        if guess is not None:
            return guess
    scores = dict.fromkeys(LEVELS, 0.0)
    for level, score in topics:
        scores[level] += score
    total = sum(scores.values())
    best = max(LEVELS, key=lambda level: scores[level])
    if total == 0 or scores[best] < _MAJORITY * total:
        return LevelGuess(None, 0.0)
    # Topics that are hardly near say little about the level.
    return LevelGuess(best, _BY_TOPICS * scores[best] / max(1.0, total))


def said(heading: str) -> LevelGuess | None:
    """The level that a heading says; none if it says several, as in `from junior to senior`."""
    spoken = frozenset(words(heading))
    plainly = {level for level in LEVELS if spoken & _UNMISTAKABLE[level]}
    plainly |= {level for level in LEVELS if _CHINESE[level].search(heading)}
    if "mid" in spoken and "level" in spoken:
        plainly.add("core")
    is_about_it = is_framing(heading)
    perhaps = {level for level in LEVELS if spoken & _AMBIGUOUS[level]} if is_about_it else set()
    found = plainly | perhaps
    if len(found) != 1:
        return None
    return LevelGuess(next(iter(found)), STATED if is_about_it else _MENTIONED)
