"""Give questions their permanent ids, and ids to headings whose own would be empty or taken."""

from __future__ import annotations

import dataclasses
import re
from collections import Counter
from collections.abc import Container, Iterable

from guide.intake.model import Block, Change, DraftPage, Section
from guide.intake.reading.markdown import plain_title
from guide.intake.slugs import free, heading_slug, slug

BY = "ids"
_FORM = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")


def with_ids(
    pages: Iterable[DraftPage], taken: Container[str], changes: list[Change]
) -> tuple[DraftPage, ...]:
    """Return the pages with ids; `taken` are those of questions elsewhere in the guide."""
    questions: set[str] = set()
    done = []
    for page in pages:
        giver = _Giver(taken, questions, changes)
        done.append(dataclasses.replace(page, root=giver.give(page.root, "")))
    return tuple(done)


class _Giver:
    """Gives the ids of one page in reading order; `questions` are those of all pages so far."""

    def __init__(self, taken: Container[str], questions: set[str], changes: list[Change]) -> None:
        self._taken = taken
        self._questions = questions
        self._changes = changes
        self._used: set[str] = set()
        self._numbers: Counter[str] = Counter()
        self._question_numbers: Counter[str] = Counter()

    def give(self, section: Section, parent: str) -> Section:
        """Return `section` and all in it with their ids."""
        name = self._question(section) if section.role == "question" else self._own(section, parent)
        if section.id and name != section.id:
            message = f"an id that is taken or in another form: {section.id}"
            self._changes.append(Change("changed", BY, section.line, message, section.id, name))
        natural = heading_slug(plain_title(section.title))
        shown = name or natural
        self._used.add(shown)
        content: list[Block | Section] = [
            self.give(each, shown) if isinstance(each, Section) else each
            for each in section.content
        ]
        return dataclasses.replace(section, id=name, content=tuple(content))

    def _question(self, section: Section) -> str:
        if self._is_free(section.id) and section.id not in self._taken:
            name = section.id
        else:
            wanted = slug(plain_title(section.title), "question")
            taken = _Union(self._taken, self._questions, self._used)
            name = free(wanted, taken, self._question_numbers)
        self._questions.add(name)
        return name

    def _own(self, section: Section, parent: str) -> str:
        """The id of a heading that is no question: its own text gives it, where that is free."""
        if section.id and self._is_free(section.id):
            return section.id
        natural = heading_slug(plain_title(section.title))
        if not section.id and natural and natural not in self._used:
            return ""
        wanted = slug(plain_title(section.title))
        name = f"{parent}-{wanted}" if natural and parent else wanted
        return free(name, _Union(self._questions, self._used), self._numbers)

    def _is_free(self, name: str) -> bool:
        used = name in self._used or name in self._questions
        return bool(name) and not used and _FORM.fullmatch(name) is not None


class _Union:
    """Whether any of several containers holds a name."""

    def __init__(self, *parts: Container[str]) -> None:
        self._parts = parts

    def __contains__(self, name: object) -> bool:
        return any(name in part for part in self._parts)
