"""Relate the units of a study document to the topics of the guide.

For each unit: the topics near to it with a score, the place on each topic's page that is nearest,
earlier units that say the same, and questions of the guide that ask the same. Proposals rest on
the words of the guide's own pages, map and glossary.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from guide.intake.model import UnitText
from guide.intake.relating.evidence import EvidenceReader
from guide.intake.relating.framing import framed
from guide.intake.relating.level_words import LevelGuess, level_of
from guide.intake.relating.nearest import Nearest
from guide.intake.relating.relations import Home, Relation
from guide.intake.relating.repeats import KnownQuestions, repeats
from guide.intake.relating.surroundings import Scores, in_context
from guide.intake.relating.tagging import TagGuess, tags_of
from guide.intake.relating.topic_texts import topic_texts
from guide.intake.relating.unit_families import families
from guide.intake.relating.unit_words import UnitWords, words_of
from guide.library import Library

_HOMES = 5
"""Topics that are proposed for a unit at most."""
_SHARPNESS = 8.0
"""Makes probabilities of scores: with it they came closest to how often proposals were right."""
_CLEAR = 0.6
"""Score from which a topic is proposed without a question mark."""
_AGREE = 0.4
"""Share of the units inside that have the same home where a heading is surely about it."""


class Relater:
    """Relates units to topics; keep one, because making it reads the whole guide."""

    def __init__(self, library: Library) -> None:
        texts = topic_texts(library)
        self._topics = library.curriculum.topics
        self._levels = {topic.slug: topic.level for topic in self._topics}
        self._tags = library.tags
        self._tagged = {
            page.slug: page.topic.tags for page in library.topic_pages if page.topic is not None
        }
        self._evidence = EvidenceReader(texts)
        self._nearest = [Nearest(text, self._evidence.index) for text in texts]
        self._questions = KnownQuestions(texts, self._evidence.index)

    def relate(self, units: Sequence[UnitText]) -> tuple[Relation, ...]:
        """Relate all units of one document, in its order, to topics and to each other."""
        words = {unit.id: words_of(unit) for unit in units}
        frame = framed(units)
        evidence = {
            name: self._evidence.read(each, frame.get(name, 0.0)) for name, each in words.items()
        }
        scores = in_context(units, evidence, frame)
        homes = {
            name: self._homes(scores[name], _looked_for(each, words.get(each.unit.parent or "")))
            for name, each in words.items()
        }
        again = repeats(words, self._evidence.index)
        inside = families(units)
        return tuple(
            Relation(
                unit=unit.id,
                homes=homes[unit.id],
                sure=_is_sure(homes, unit, inside.get(unit.id, ())),
                duplicate_of=again.get(unit.id, ()),
                known_at=self._known_at(words[unit.id], homes[unit.id]),
            )
            for unit in units
        )

    def tags(self, text: str, relations: Sequence[Relation]) -> tuple[TagGuess, ...]:
        """Tags for the part of a document with this Markdown and these units, best first."""
        near = [[(home.topic, home.score) for home in each.homes] for each in relations]
        return tags_of(text, near, self._tagged, self._tags)

    def level(self, headings: Sequence[str], relations: Sequence[Relation]) -> LevelGuess:
        """The level of the part under `headings` (from outside in) with these units."""
        near = [
            (self._levels[home.topic], home.score / len(relations))
            for each in relations
            for home in each.homes
        ]
        return level_of(headings, near)

    def _homes(self, scores: Scores, wanted: Mapping[str, float]) -> tuple[Home, ...]:
        top = max(scores, default=0.0)
        likely = [math.exp(_SHARPNESS * (score - top)) for score in scores]
        best = sorted(range(len(scores)), key=lambda number: -scores[number])[:_HOMES]
        total = sum(likely)
        return tuple(
            Home(self._topics[number].slug, likely[number] / total, self._place(number, wanted))
            for number in best
            if scores[number] > 0
        )

    def _place(self, number: int, wanted: Mapping[str, float]) -> str:
        topic = self._topics[number]
        anchor = self._nearest[number].anchor(wanted)
        page = f"{topic.area}/{topic.slug}"
        return f"{page}#{anchor}" if anchor else page

    def _known_at(self, words: UnitWords, homes: Sequence[Home]) -> tuple[str, ...]:
        if not homes:
            return ()
        page = homes[0].place.partition("#")[0]
        anchors = self._questions.anchors(words, homes[0].topic)
        return tuple(f"{page}#{anchor}" for anchor in anchors)


def _looked_for(words: UnitWords, around: UnitWords | None) -> dict[str, float]:
    """The stems that the place of a unit should have, with weights: its own before its parent's."""
    wanted = dict.fromkeys(around.subject if around else (), 0.5)
    wanted.update(dict.fromkeys(words.text, 1.0))
    wanted.update(dict.fromkeys(words.subject, 2.0))
    return wanted


def _is_sure(
    homes: Mapping[str, Sequence[Home]], unit: UnitText, children: Sequence[UnitText]
) -> bool:
    """Whether the first home is clear; that of a heading over many subjects never is."""
    if not homes[unit.id] or homes[unit.id][0].score < _CLEAR:
        return False
    own = homes[unit.id][0].topic
    same = sum(own == homes[child.id][0].topic for child in children if homes[child.id])
    return same >= _AGREE * len(children)
