"""Entries come into mkdocs.yml and leave it again; not a character of the rest changes."""

from __future__ import annotations

import pytest
import yaml

from guide.normalizing.nav_text import NavTextError, with_draft, with_page, without
from support import ROOT

NAV = """\
site_name: Mini guide # the name

# What readers see.
nav:
  - Home: index.md
  # HTTP first.
  - HTTP:
      - http/index.md
      - http/methods.md # the first topic

      # Caching follows.
  - About:
      - about/index.md

# Nothing below is about pages.
extra: {generator: false}
"""
PAGES = ((None, "intake/old/basics.md"), ("Yes: more", "intake/old/more.md"))
PATHS = {path for _, path in PAGES}
WITH_DRAFTS = NAV.replace(
    "      - about/index.md\n",
    """\
      - about/index.md
  - Drafts:
      - Old notes:
          - intake/old/basics.md
          - "Yes: more": intake/old/more.md
""",
)


def test_a_page_follows_the_last_one_of_its_area() -> None:
    assert with_page(NAV, "http", "http/caching.md") == NAV.replace(
        "# the first topic\n", "# the first topic\n      - http/caching.md\n"
    )


def test_a_page_that_is_named_stays_where_it_is() -> None:
    assert with_page(NAV, "http", "http/index.md") == NAV


def test_an_area_without_an_entry_is_said() -> None:
    with pytest.raises(NavTextError, match="no entry of the area `apis` to put"):
        with_page(NAV, "apis", "apis/rest.md")


def test_drafts_come_last_under_their_document() -> None:
    assert with_draft(NAV, "Old notes", PAGES) == WITH_DRAFTS
    assert yaml.safe_load(WITH_DRAFTS)["nav"][-1] == {
        "Drafts": [{"Old notes": ["intake/old/basics.md", {"Yes: more": "intake/old/more.md"}]}]
    }


def test_naming_drafts_twice_is_naming_them_once() -> None:
    assert with_draft(WITH_DRAFTS, "Old notes", PAGES) == WITH_DRAFTS


def test_a_new_draft_joins_its_document() -> None:
    pages = (*PAGES, (None, "intake/old/rest.md"))

    assert with_draft(WITH_DRAFTS, "Old notes", pages) == WITH_DRAFTS.replace(
        "intake/old/more.md\n", "intake/old/more.md\n          - intake/old/rest.md\n"
    )


def test_another_document_joins_the_drafts() -> None:
    assert with_draft(WITH_DRAFTS, "New", [(None, "intake/new/a.md")]) == WITH_DRAFTS.replace(
        "intake/old/more.md\n",
        "intake/old/more.md\n      - New:\n          - intake/new/a.md\n",
    )


def test_a_draft_in_an_area_stays_there() -> None:
    text = with_page(NAV, "http", "http/notes.md")

    assert with_draft(text, "Old notes", [(None, "http/notes.md")]) == text


def test_a_list_that_is_not_indented_gets_entries_that_are_not() -> None:
    text = "nav:\n- index.md\n"

    assert with_draft(text, "Old", [(None, "intake/a.md")]) == (
        "nav:\n- index.md\n- Drafts:\n    - Old:\n        - intake/a.md\n"
    )


def test_a_file_may_end_without_a_line_end() -> None:
    assert with_page("nav:\n  - http/a.md", "http", "http/b.md") == (
        "nav:\n  - http/a.md\n  - http/b.md"
    )


@pytest.mark.parametrize("text", ["site_name: Mini\n", "nav: [index.md]\n", "nav:\n", ""])
def test_without_a_list_there_is_nothing_to_add_to(text: str) -> None:
    with pytest.raises(NavTextError, match="no list `nav` with one entry a line"):
        with_draft(text, "Old", PAGES)


def test_drafts_leave_with_their_headings() -> None:
    assert without(WITH_DRAFTS, PATHS) == NAV


def test_what_remains_under_a_heading_keeps_it() -> None:
    assert without(WITH_DRAFTS, {"intake/old/more.md"}) == WITH_DRAFTS.replace(
        '          - "Yes: more": intake/old/more.md\n', ""
    )


def test_an_entry_leaves_and_comments_stay() -> None:
    assert without(NAV, {"http/index.md", "http/methods.md"}) == NAV.replace(
        """\
  - HTTP:
      - http/index.md
      - http/methods.md # the first topic
""",
        "",
    )


def test_nothing_leaves_that_is_not_named() -> None:
    assert without(NAV, PATHS) == NAV


def test_a_part_of_a_line_is_left_to_people() -> None:
    text = "nav:\n  - index.md\n  - HTTP: [http/a.md, http/b.md]\n"

    with pytest.raises(NavTextError, match=r"line 3 of mkdocs\.yml names several pages"):
        without(text, {"http/a.md"})
    assert without(text, {"http/a.md", "http/b.md"}) == "nav:\n  - index.md\n"


def test_the_configuration_of_this_guide_comes_back_as_it_was() -> None:
    text = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")

    added = with_draft(with_page(text, "caching", "caching/notes.md"), "Notes", PAGES)

    lines = set(added.split("\n")) - set(text.split("\n"))
    assert lines == {
        "          - caching/notes.md",
        "  - Drafts:",
        "      - Notes:",
        "          - intake/old/basics.md",
        '          - "Yes: more": intake/old/more.md',
    }
    assert without(added, {"caching/notes.md", *PATHS}) == text
