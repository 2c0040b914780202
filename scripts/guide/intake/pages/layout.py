"""The order of a draft page: what explains first, then the questions, then what checks them."""

from __future__ import annotations

import dataclasses

from guide.intake.model import Block, Change, DraftPage, Section
from guide.library.questions import QUESTIONS_HEADING, QUIZ_HEADING

BY = "layout"
_AFTER = (QUIZ_HEADING, "Further reading", "Notes")


def laid_out(page: DraftPage, changes: list[Change]) -> DraftPage:
    """Return the page with its questions under `## Interview questions`, after all else."""
    root, questions = _without_questions(page.root, changes)
    if not questions:
        return page
    last = [each for each in root.sections if each.title == QUESTIONS_HEADING]
    at = root.content.index(last[0]) if last else _place(root)
    asked = tuple(dataclasses.replace(each, depth=3) for each in questions)
    section = last[0] if last else Section(QUESTIONS_HEADING, 2, asked[0].line, asked[-1].end_line)
    section = dataclasses.replace(section, content=(*section.content, *asked))
    content = [*root.content[:at], section, *root.content[at + len(last) :]]
    return dataclasses.replace(page, root=dataclasses.replace(root, content=tuple(content)))


def _place(root: Section) -> int:
    """Where the questions go: before the check-yourself items and what follows them."""
    for index, each in enumerate(root.content):
        if isinstance(each, Section) and each.title in _AFTER:
            return index
    return len(root.content)


def _without_questions(section: Section, changes: list[Change]) -> tuple[Section, list[Section]]:
    """Take the questions out of a section; a section inside that held nothing else goes, too."""
    content: list[Block | Section] = []
    questions: list[Section] = []
    for each in section.content:
        if isinstance(each, Block):
            content.append(each)
        elif each.role == "question":
            questions.append(each)
        else:
            kept, asked = _without_questions(each, changes)
            questions += asked
            if kept.content or not asked or each.title == QUESTIONS_HEADING:
                content.append(kept)
            else:
                message = f"a heading over questions, which stand under {QUESTIONS_HEADING}"
                changes.append(Change("removed", BY, each.line, message, each.heading))
    return dataclasses.replace(section, content=tuple(content)), questions
