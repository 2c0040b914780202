"""Tags for a part of a document, out of the guide's closed list."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from guide.intake.relating.stems import stems
from guide.library.vocabulary import Tag
from guide.library.words import plain

_NAMED = 0.3
"""Share of the remaining doubt that goes if the text says the tag's own name."""
_LEAST = 0.1
"""Confidence under which a tag is not worth a look."""


@dataclass(frozen=True, slots=True)
class TagGuess:
    """The id of a tag with a confidence from 0 to 1."""

    tag: str
    confidence: float


def tags_of(
    text: str,
    near: Sequence[Iterable[tuple[str, float]]],
    tagged: Mapping[str, Sequence[str]],
    known: Sequence[Tag],
) -> tuple[TagGuess, ...]:
    """Tags of the topics that are near to the units of a text, best first.

    `near` has for each unit its topics with scores, `tagged` for each topic its tags. The
    confidence in a tag is the mean score of topics that have it, more if `text` says its name.
    """
    weights: dict[str, float] = {}
    for homes in near:
        for topic, score in homes:
            for name in tagged.get(topic, ()):
                weights[name] = weights.get(name, 0.0) + score / len(near)
    spoken = f" {' '.join(stems(plain(text)))} "
    guesses = []
    for tag in known:
        confidence = min(1.0, weights.get(tag.id, 0.0))
        if confidence and f" {' '.join(stems(tag.title))} " in spoken:
            confidence += _NAMED * (1 - confidence)
        if confidence >= _LEAST:
            guesses.append(TagGuess(tag.id, confidence))
    return tuple(sorted(guesses, key=lambda guess: -guess.confidence))
