"""Sheets to print are made of what the pages say, without the links that paper does not have."""

from __future__ import annotations

import re

import pytest

from guide import indexes
from guide.indexes.markdown_text import unlinked
from guide.library import Library
from guide.library.masking import mask_inline_code
from mini_project import MiniProject
from support import this_guide

EXPORTS = """\
---
title: Take it along
description: "What there is to take along."
---

# Take it along

Cards and sheets.

## More

More.
"""
TOPIC = "docs/http/methods.md"


@pytest.fixture(scope="module")
def library() -> Library:
    return this_guide()


@pytest.fixture
def with_sheets(project: MiniProject) -> MiniProject:
    project.write(f"docs/{indexes.EXPORTS_PAGE}", EXPORTS)
    return project


def sheet(project: MiniProject, name: str) -> str:
    return indexes.generate(project.library())[f"exports/http-{name}.md"]


def test_a_question_sheet_asks_first_and_scores_at_the_end(with_sheets: MiniProject) -> None:
    asked, scoring = sheet(with_sheets, "questions").split("## Scoring { #scoring }")

    assert "# HTTP: questions { .question-sheet }" in asked
    link = "[1. Which methods are safe?](../http/methods.md#methods-safe)"
    assert f"## Core {{ #core }}\n\n**{link}**  \nHTTP methods\n" in asked
    assert "1. Is logging a change?" in asked
    assert "Not one the client asked for." not in asked
    assert "**1. Which methods are safe?**" in scoring
    assert "- **Red flag:** says POST is safe" in scoring


def test_a_cheat_sheet_has_the_short_answer_and_the_tables(with_sheets: MiniProject) -> None:
    table = "| A | B |\n|---|---|\n| [x](../index.md) | `[y](z)` |"
    with_sheets.replace(TOPIC, "None worth a table.", f"Text.\n\n{table}\n\nMore text.")
    with_sheets.replace(TOPIC, "GET reads,", "[GET](#pitfalls) reads,")

    text = sheet(with_sheets, "sheet")

    assert "## [HTTP methods](../http/methods.md) { #methods }" in text
    assert "GET reads, POST acts. The lead stands alone." in text
    assert "**Trade-offs**\n\n| A | B |\n|---|---|\n| x | `[y](z)` |\n" in text
    assert "More text." not in text
    assert "**Pitfalls**" not in text


def test_without_the_page_that_lists_them_there_are_no_sheets(project: MiniProject) -> None:
    assert [path for path in indexes.generate(project.library()) if "exports/" in path] == []


def test_every_question_is_on_one_sheet_and_scored_there(library: Library) -> None:
    for area in library.curriculum.areas:
        text = library.pages[f"exports/{area.id}-questions.md"].source
        pages = [page for page in library.topic_pages if page.area == area.id]
        questions = [question for page in pages for question in page.questions]

        asked = re.findall(r"^\*\*\[(\d+)\. .*\]\(\.\./[\w/-]+\.md#([\w-]+)\)\*\*", text, re.M)
        assert sorted(anchor for _, anchor in asked) == sorted(each.id for each in questions)
        assert [int(number) for number, _ in asked] == list(range(1, len(questions) + 1))
        assert len(re.findall(r"^\*\*\d+\. .*\*\*$", text, re.M)) == len(questions)
        criteria = sum(len(each.criteria) for each in questions)
        assert len(re.findall(r"^- \*\*(?:Must|Bonus|Red flag):", text, re.M)) == criteria


def test_every_topic_is_on_a_cheat_sheet_without_links(library: Library) -> None:
    for area in library.curriculum.areas:
        text = library.pages[f"exports/{area.id}-sheet.md"].source
        titles = re.findall(r"^## \[.*\]\(\.\./([\w/-]+\.md)\) \{ #[\w-]+ \}$", text, re.M)

        assert titles == [page.path for page in library.topic_pages if page.area == area.id]
        below = text[text.index("\n## ") :]
        body = re.sub(r"^## .*$", "", below, flags=re.M)
        assert "](" not in mask_inline_code(body)


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("a [b](c) d", "a b d"),
        ("[`a[0]`](x.md#y) and [b](z_(q))", "`a[0]` and b"),
        ('[a](b "title")', "a"),
        ("`[a](b)` ![a](b.svg)", "`[a](b)` ![a](b.svg)"),
        ("[a [b]](c)\n[d](e)", "a [b]\nd"),
    ],
)
def test_links_leave_their_words(markdown: str, expected: str) -> None:
    assert unlinked(markdown) == expected
