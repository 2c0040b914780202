"""A sheet for each area to take into a room: its questions, room for notes, what to listen for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from guide.indexes.markdown_text import escape, items, link, numbered, page, plural, unlinked
from guide.library import Library, Page
from guide.library.curriculum import Area
from guide.library.front_matter import LEVELS
from guide.library.questions import Question

_Asked = tuple[int, Page, Question]


def question_sheet_path(area: Area) -> str:
    """Path of the sheet of `area`, relative to docs/."""
    return f"exports/{area.id}-questions.md"


def question_sheet(library: Library, area: Area) -> str:
    """All questions of `area` by level; the criteria stand at the end, out of sight."""
    asked = _numbered(library, area)
    origin = question_sheet_path(area)
    blocks = [
        f"{plural(len(asked), 'question')} of this area on paper, with room for notes. Print the "
        "page, answer aloud, and let somebody else hold the part under Scoring. On screen each "
        "question leads to its answer."
    ]
    for level in LEVELS:
        chosen = [each for each in asked if each[2].level == level]
        if chosen:
            blocks.append(f"## {level.capitalize()} {{ #{level} }}")
        for number, home, question in chosen:
            name = link(f"{number}. {question.text}", origin, f"{home.path}#{question.id}")
            blocks.append(f"**{name}**  \n{escape(home.title)}\n{{: .sheet-question }}")
            blocks.append(numbered(unlinked(each.question) for each in question.follow_ups))
    blocks += [
        "## Scoring { #scoring }",
        "Tick what you heard. Then grade each answer: 1 missed, 2 partly, 3 most of it, "
        "4 all of it.",
    ]
    for number, _, question in asked:
        blocks.append(f"**{number}. {escape(question.text)}**\n{{: .sheet-score }}")
        heard = (f"**{each.kind}:** {unlinked(each.text)}" for each in question.criteria)
        blocks.append(items(heard))
    description = f"Questions to print on {area.title}: follow-ups, room for notes, scoring."
    return page(f"{area.title}: questions", description, blocks, kind="question-sheet")


def _numbered(library: Library, area: Area) -> Sequence[_Asked]:
    """Questions with their numbers: by level, and in each level in the order of the map."""
    pages = library.topics_by_area[area.id]

    def of_level(level: str) -> Iterator[tuple[Page, Question]]:
        for each in pages:
            yield from ((each, question) for question in each.questions if question.level == level)

    found = (pair for level in LEVELS for pair in of_level(level))
    return [(number, *pair) for number, pair in enumerate(found, start=1)]
