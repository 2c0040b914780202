"""How long a day of a study plan takes: the one formula, for the pages and for the rule."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from guide.library.curriculum import Topic
from guide.library.examples import Example
from guide.library.model import Library
from guide.library.plans import Day, Plan

ANSWER, ANSWER_AGAIN = 2, 1
"""Minutes for a question answered aloud: the first time, with a look at the criteria; later."""
DESIGN, RETYPE = 45, 20
"""Minutes to design a worked case before reading it, and to type an example anew."""
UNWRITTEN = 22
"""Minutes that a planned page will take to read: the median of the written ones."""


@dataclass(frozen=True, slots=True)
class Workload:
    """A day of a plan with what it asks for; `number` counts from 1.

    `again` are the days whose questions come back, with those of their topics that exist.
    """

    number: int
    day: Day
    topics: tuple[Topic, ...]
    again: tuple[tuple[int, tuple[Topic, ...]], ...]
    examples: tuple[Example, ...]
    reading: int

    @property
    def questions(self) -> int:
        """Questions answered for the first time."""
        return sum(len(topic.questions) for topic in self.topics)

    @property
    def questions_again(self) -> int:
        """Questions that come back."""
        return sum(len(topic.questions) for _, topics in self.again for topic in topics)

    @property
    def cases(self) -> tuple[Topic, ...]:
        """Worked cases, designed before they are read."""
        return tuple(topic for topic in self.topics if topic.is_case)

    @property
    def minutes(self) -> int:
        """Reading and practice."""
        return (
            self.reading
            + ANSWER * self.questions
            + ANSWER_AGAIN * self.questions_again
            + DESIGN * len(self.cases)
            + RETYPE * len(self.examples)
            + sum(task.minutes for task in self.day.tasks)
        )


def workloads(library: Library, plan: Plan) -> Iterator[Workload]:
    """The days of `plan` in order; topics and examples that do not exist are left out."""
    examples = {example.folder: example for example in library.examples}
    for number, day in enumerate(plan.days, start=1):
        earlier = (number - after for after in plan.again if after < number)
        again = ((each, _topics(library, plan.days[each - 1].read)) for each in sorted(earlier))
        topics = _topics(library, day.read)
        yield Workload(
            number=number,
            day=day,
            topics=topics,
            again=tuple((each, found) for each, found in again if found),
            examples=tuple(examples[folder] for folder in day.retype if folder in examples),
            reading=sum(reading_minutes(library, topic) for topic in topics),
        )


def reading_minutes(library: Library, topic: Topic) -> int:
    """Reading time of the topic's page, or what it will be."""
    page = library.page_of(topic.slug)
    return page.minutes if page else UNWRITTEN


def _topics(library: Library, slugs: Iterable[str]) -> tuple[Topic, ...]:
    known = library.curriculum.by_slug
    return tuple(known[slug] for slug in slugs if slug in known)
