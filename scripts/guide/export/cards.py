"""Cards: what a learner takes along of a page, as rendered there.

Every text of a card is HTML that stands alone: links lead to the published site, code carries
the classes of its highlighting, a diagram is an image named by its contents.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Drawing:
    """A diagram as a file of its own: `svg` needs no stylesheet, `name` is that of its contents."""

    name: str
    title: str
    svg: str


@dataclass(frozen=True, slots=True)
class FollowUp:
    """A follow-up question with its short answer."""

    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class Criterion:
    """One thing an interviewer listens for; `kind` is "Must", "Bonus" or "Red flag"."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Option:
    """One answer of a check-yourself item with the reason why it is right or wrong."""

    text: str
    correct: bool
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """What all cards have. `id` is permanent; `url` is where the item stands on the site.

    `drawings` are those that its texts show, and those of the sections that its answer names.
    """

    id: str
    topic: str
    topic_title: str
    area: str
    area_title: str
    level: str
    tags: tuple[str, ...]
    url: str
    question: str
    drawings: tuple[Drawing, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionCard(Card):
    """An interview question with the parts of its answer."""

    brief: str
    depth: str
    follow_ups: tuple[FollowUp, ...]
    criteria: tuple[Criterion, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class QuizCard(Card):
    """A check-yourself item, its options in the order of the page."""

    options: tuple[Option, ...]
