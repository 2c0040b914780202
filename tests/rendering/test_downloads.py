"""The page about taking things along lists what this build makes, and nothing else."""

from __future__ import annotations

import re

from guide import indexes
from guide.library import Library
from guide.rendering.downloads import with_downloads
from mini_project import MiniProject

PAGE = "---\ntitle: T\ndescription: D.\n---\n\n# T\n\nFirst.\n\n## After\n\nLast.\n"


def body(library: Library, *, decks: bool = True, pdf: bool = False) -> str:
    page = library.pages[indexes.EXPORTS_PAGE]
    return with_downloads(library, page, decks=decks, pdf=pdf)


def made(project: MiniProject) -> Library:
    project.write(f"docs/{indexes.EXPORTS_PAGE}", PAGE)
    return project.library()


def test_downloads_stand_before_the_first_section(project: MiniProject) -> None:
    text = body(made(project))

    assert re.fullmatch(r"\s*# T\n\nFirst\.\n\n- .*\n\n## After\n\nLast\.\s*", text, re.S)
    assert "1 question and 2 check-yourself items" in text
    assert re.findall(r'href="([^"]*)"', text) == [
        "../../exports/backend-study-guide.apkg",
        "../../exports/backend-study-guide.json",
        "../../exports/backend-study-guide.schema.json",
    ]
    row = "| HTTP | [1 question](../exports/http-questions.md) | "
    assert f"{row}[1 topic](../exports/http-sheet.md) |" in text


def test_printed_sheets_are_linked_where_they_are_made(project: MiniProject) -> None:
    files = re.findall(r'href="([^"]*\.pdf)"', body(made(project), pdf=True))

    assert files == ["../../exports/http-questions.pdf", "../../exports/http-sheet.pdf"]


def test_while_serving_there_is_no_dead_link_but_a_reason(project: MiniProject) -> None:
    text = body(made(project), decks=False)

    assert "href=" not in text
    assert "`guide build`" in text
