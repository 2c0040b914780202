"""On the page about taking things along: links to what the build makes beside the pages."""

from __future__ import annotations

from html import escape

from guide.export.files import DECK, PACKAGE, SCHEMA
from guide.indexes.cheat_sheets import cheat_sheet_path
from guide.indexes.markdown_text import items, link, plural
from guide.indexes.question_sheets import question_sheet_path
from guide.library import Library, Page

_NONE_YET = (
    "The Anki package and the JSON deck are made by `guide build`; there are none while serving."
)


def with_downloads(library: Library, page: Page, *, decks: bool, pdf: bool) -> str:
    """The body of `page` with the downloads before its first section.

    `decks` and `pdf` say whether the packages and the printed sheets are made in this build.
    """
    opening, mark, rest = page.body.partition("\n## ")
    blocks = [items(_decks(library, page)) if decks else _NONE_YET, _sheets(library, page, pdf)]
    return "\n\n".join([opening.rstrip(), *blocks, ""]) + mark + rest


def _decks(library: Library, page: Page) -> list[str]:
    questions = plural(sum(len(each.questions) for each in library.topic_pages), "question")
    quizzes = plural(sum(len(each.quiz) for each in library.topic_pages), "check-yourself item")
    package = _file(page, PACKAGE, "Anki package")
    deck = _file(page, DECK, "JSON deck")
    schema = _file(page, SCHEMA, "JSON Schema")
    return [
        f"**{package}:** {questions} and {quizzes} as cards, a deck for each area",
        f"**{deck}:** the same for other programs, with its {schema}",
    ]


def _sheets(library: Library, page: Page, pdf: bool) -> str:
    lines = ["| Area | Questions | Cheat sheet |", "|---|---|---|"]
    for area in library.curriculum.areas:
        pages = library.topics_by_area[area.id]
        count = plural(sum(len(each.questions) for each in pages), "question")
        topics = plural(len(pages), "topic")
        cells = [area.title]
        for text, path in ((count, question_sheet_path(area)), (topics, cheat_sheet_path(area))):
            name = link(text, page.path, path)
            printed = _file(page, pdf_path(path), "PDF", f"PDF: {area.title}, {text}")
            cells.append(f"{name} · {printed}" if pdf else name)
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def pdf_path(path: str) -> str:
    """Where the printed form of the page `path` is, relative to the site's root."""
    return path.removesuffix(".md") + ".pdf"


def _file(page: Page, path: str, text: str, name: str = "") -> str:
    """A link that the site generator takes as it is: it knows no file that it did not copy."""
    up = "../" * (page.path.count("/") + 1)
    label = f' aria-label="{escape(name)}"' if name else ""
    return f'<a href="{up}{path}"{label} download>{text}</a>'
