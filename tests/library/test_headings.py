"""Heading ids are those of the rendered page."""

from __future__ import annotations

import html
import re

import markdown
import pytest

from guide.library.headings import HeadingReader, explicit_ids

SAMPLES = [
    "# One\n\n## Two words\n\n## Two words\n\n### `code` and *stress*",
    "# Ünïcode & <tags>\n\n## C++ / N+1?",
    "# A { #own }\n\n## Own\n\n## own { .core }",
    "Setext\n======\n\nSecond\n------\n\ntext\n\n---\n",
    "# A\n\n| a |\n|---|\n| b |\n",
]


@pytest.mark.parametrize("text", SAMPLES)
def test_ids_equal_those_in_the_rendered_html(text: str) -> None:
    rendered = markdown.markdown(text, extensions=["toc", "attr_list", "tables"])
    ids = [html.unescape(found) for found in re.findall(r'<h\d[^>]* id="([^"]*)"', rendered)]

    assert [section.id for section in HeadingReader({}).read(text, 1)] == ids


def test_sections_end_where_the_next_of_their_level_begins() -> None:
    sections = HeadingReader({}).read("# A\n## B\ntext\n### C\n## D\nend", 1)

    assert [(s.title, s.line, s.end_line) for s in sections] == [
        ("A", 1, 6),
        ("B", 2, 4),
        ("C", 4, 4),
        ("D", 5, 6),
    ]


def test_classes_and_explicit_ids_are_told_apart_from_slugs() -> None:
    (section,) = HeadingReader({}).read("### Why? { #why-not .core }", 7)

    assert (section.id, section.explicit, section.classes, section.line) == (
        "why-not",
        True,
        ("core",),
        7,
    )


def test_ids_on_blocks_are_anchors_too() -> None:
    assert explicit_ids("**E001**{ #e001 } text\n\nterm { #term-x }", 5) == {
        "e001": 5,
        "term-x": 7,
    }
