"""The outline, and what is taken out of it or put into it before pages are cut."""

from __future__ import annotations

import pytest

from guide.intake.shape import contents, headings, outline
from guide.intake.shape.levels import level_of, levels
from intake_documents import answer, noted, outlined, tree


def test_headings_that_skip_levels_are_closed_up() -> None:
    document = outlined("# A\n\n#### B\n\nText.\n\n## C\n\n##### D\n")
    assert tree(document.root) == ["A", "  B", "  C", "    D"]
    message = "a heading's level: some were skipped before it"
    assert noted(document, outline.BY) == [
        ("changed", 3, message, ""),
        ("changed", 9, message, ""),
    ]


def test_ids_and_classes_of_headings_are_read() -> None:
    [section] = outlined("## What? { #why .core }\n").root.sections
    assert (section.title, section.id, section.classes) == ("What?", "why", ("core",))


def test_setext_headings_are_headings() -> None:
    assert tree(outlined("Title\n=====\n\nPart\n----\n").root) == ["Title", "  Part"]


def test_a_table_of_contents_goes() -> None:
    document = outlined(
        """
        # Guide

        ## Table of Contents

        - [Caching](#caching)
            - [What is it?](#what)

        ## Caching

        Text.

        **[⬆ Back to top](#guide)**
        """,
        contents.contents,
    )
    assert tree(document.root) == ["Guide", "  Caching"]
    assert answer(document.root, "Caching") == "Text."
    assert noted(document, contents.BY) == [
        (
            "removed",
            3,
            "the table of contents",
            "Table of Contents\n\n- [Caching](#caching)\n    - [What is it?](#what)",
        ),
        ("removed", 12, "a link back to the top", "**[⬆ Back to top](#guide)**"),
    ]


def test_a_list_of_links_without_a_heading_is_a_table_of_contents() -> None:
    items = "1. [One](#one)\n2. [Two](#two)\n3. [Three](#three)\n"
    text = f"# A\n\n{items}\n## One\n\n## Two\n\n## Three\n"
    assert outlined(text, contents.contents).root.sections[0].blocks == ()


@pytest.mark.parametrize("title", ["**Contents**", "Table of contents:"])
def test_the_line_that_announces_a_table_of_contents_goes_with_it(title: str) -> None:
    items = "- [One](#one)\n- [Two](#two)\n- [Three](#three)"
    document = outlined(f"# A\n\nText.\n\n{title}\n\n{items}\n", contents.contents)
    assert answer(document.root, "A") == "Text."
    assert noted(document, contents.BY) == [
        ("removed", 7, "the table of contents", f"{title}\n\n{items}")
    ]


def test_another_line_before_a_table_of_contents_stays() -> None:
    text = "# A\n\nRead this.\n\n- [One](#one)\n- [Two](#two)\n- [Three](#three)\n"
    assert answer(outlined(text, contents.contents).root, "A") == "Read this."


@pytest.mark.parametrize(
    "text",
    [
        "- [One](#one): it says more\n- [Two](#two)\n- [Three](#three)\n",
        "- [One](https://example.com/1)\n- [Two](https://example.com/2)\n- [Three](#three)\n",
        "- [One](#one)\n- [Two](#two)\n",
    ],
)
def test_other_lists_of_links_stay(text: str) -> None:
    assert len(outlined(text, contents.contents).root.blocks) == 1


def test_a_bold_line_is_a_heading() -> None:
    document = outlined(
        "## Security\n\nText.\n\n**At rest**\n\n- Encrypt\n\n## Next\n", headings.headings
    )
    assert tree(document.root) == ["Security", "  At rest", "Next"]
    assert answer(document.root, "At rest") == "- Encrypt"


@pytest.mark.parametrize("line", ["**Benefits:**", "**Never do this.**", "**Bold** start"])
def test_other_bold_text_is_none(line: str) -> None:
    assert tree(outlined(f"## A\n\n{line}\n\nText.\n", headings.headings).root) == ["A"]


@pytest.mark.parametrize(
    ("title", "level"),
    [
        ("Beginner Level", "foundation"),
        ("Questions for junior developers", "foundation"),
        ("初级面试题", "foundation"),
        ("🟡 Intermediate", "core"),
        ("Middle", "core"),
        ("Senior level questions", "advanced"),
        ("高级", "advanced"),
        ("Advanced caching", ""),
        ("Basics of HTTP", ""),
        ("Easy to advanced", ""),
        ("Caching", ""),
    ],
)
def test_a_title_names_a_level_only_if_it_says_nothing_else(title: str, level: str) -> None:
    assert level_of(title) == level


def test_a_level_holds_for_all_that_stands_under_its_heading() -> None:
    root = levels(outlined("## Senior\n\n### Locks\n\n## Junior\n\n### Keys\n")).root
    assert [(each.title, each.level) for each in root.walk()][1:] == [
        ("Senior", "advanced"),
        ("Locks", "advanced"),
        ("Junior", "foundation"),
        ("Keys", "foundation"),
    ]
