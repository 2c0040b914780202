"""Recognize interview questions in whatever form they come, and make sections of them.

Headings ask here (`## Q1: ...`, `### 12. Explain ...`, `## What is ...?`); what asks without one
is found by `question_forms`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from guide.intake.model import Block, Change, Document, Section
from guide.intake.reading.markdown import render
from guide.intake.shape.phrasing import (
    asks,
    has_mark,
    sets_task,
    unanswered,
    unbold,
    unlabelled,
)
from guide.intake.shape.question_forms import BY, Node, QuestionForms, placed
from guide.library.questions import QUESTIONS_HEADING, QUIZ_HEADING

_MIN_SIBLINGS = 4


def questions(document: Document) -> Document:
    """Return the document with a section for each question in it."""
    changes: list[Change] = []
    reader = _Reader(document.source.first_line, changes)
    root = reader.read(document.root)
    return document.noting(changes, root=root)


class _Reader:
    """One reading of an outline; it notes in `changes` what it takes off."""

    def __init__(self, first_line: int, changes: list[Change]) -> None:
        self._forms = QuestionForms(first_line, changes)
        self._changes = changes

    def read(self, section: Section) -> Section:
        """Read a section that is no question itself."""
        if section.title == QUIZ_HEADING:
            return section
        content = self._forms.read(section)
        numbered = self._numbered_are_questions(content)
        most = _most_ask(section.content)
        done: list[Node] = []
        for each in content:
            if isinstance(each, Block):
                done.append(each)
            elif each.role == "question":
                done.append(self._answer(each))
            elif self._is_question(section, each, numbered) or (most and not each.sections):
                done.append(self._answer(self._from_heading(each)))
            else:
                done.append(self.read(each))
        return dataclasses.replace(section, content=tuple(done))

    def _numbered_are_questions(self, content: Sequence[Node]) -> bool:
        """Whether numbered headings side by side are questions, judging by most of them."""
        numbered = [
            unlabelled(each.title).text
            for each in content
            if isinstance(each, Section) and unlabelled(each.title).label
        ]
        return len(numbered) > 2 and sum(map(sets_task, numbered)) * 2 > len(numbered)

    def _is_question(self, parent: Section, section: Section, numbered: bool) -> bool:
        if parent.title == QUESTIONS_HEADING and parent.depth == 2:
            return True
        title = unlabelled(unbold(section.title))
        if any(_looks_asked(each) for each in section.sections):
            return False  # a chapter of questions, whatever its own title
        if title.is_named and title.label:
            return True
        if has_mark(title.text):
            return True
        return bool(title.label) and (asks(title.text) or numbered)

    def _from_heading(self, section: Section) -> Section:
        title = unlabelled(unbold(section.title))
        if title.label:
            message = "the number of the question"
            self._changes.append(Change("removed", BY, section.line, message, title.label))
        return dataclasses.replace(section, title=title.text.strip(), role="question")

    def _answer(self, section: Section) -> Section:
        """Take the label off an answer; what is left of its paragraph stays."""
        content = list(section.content)
        for index, each in enumerate(content[:2]):
            if not isinstance(each, Block) or each.kind != "paragraph":
                continue
            answer = unanswered(render([each]))
            if not answer.label:
                continue
            message = "the label of the answer"
            self._changes.append(Change("removed", BY, each.line, message, answer.label))
            rest = answer.text.strip()
            content[index : index + 1] = placed(rest, each.line) if rest else ()
            break
        return dataclasses.replace(section, content=tuple(content))


def _most_ask(content: Sequence[Node]) -> bool:
    """Whether so many of the headings side by side ask that the others do, too."""
    titles = [unlabelled(unbold(each.title)) for each in content if isinstance(each, Section)]
    asking = sum(has_mark(title.text) or asks(title.text) for title in titles)
    return len(titles) >= _MIN_SIBLINGS and asking * 4 >= len(titles) * 3


def _looks_asked(section: Section) -> bool:
    title = unlabelled(unbold(section.title))
    return bool(title.label and title.is_named) or has_mark(title.text)
