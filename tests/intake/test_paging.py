"""Documents become pages: titles, cuts, order, ids and the text of each page."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from guide.intake.pages.page_text import page_text
from guide.intake.pages.paging import MAX_PAGE
from guide.intake.pipeline import Drafted, cut, outlined

TAGS = ("http", "caching")


class Desk:
    """Writes documents and drafts pages of them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def draft(
        self, text: str, name: str = "http-notes.md", taken: frozenset[str] = frozenset()
    ) -> Drafted:
        path = self._folder / name
        path.write_text(textwrap.dedent(text).lstrip("\n"), encoding="utf-8")
        return cut(outlined(path, TAGS), "intake/notes", taken)

    def texts(self, text: str, name: str = "http-notes.md") -> dict[str, str]:
        drafted = self.draft(text, name)
        return {page.name: page_text(page, drafted.front) for page in drafted.pages}


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def titles(drafted: Drafted) -> dict[str, str]:
    return {page.name: page.title for page in drafted.pages}


def test_a_short_document_is_one_page_named_like_its_file(desk: Desk) -> None:
    assert titles(desk.draft("# Notes on `GET`\n\nText.\n")) == {"http-notes": "Notes on GET"}


@pytest.mark.parametrize(
    ("heading", "title"),
    [
        ("www.example.com", "example.com"),
        ("`List<String>` and {", "List< String> and"),
        ("`**` and `{.x}`", "and .x}"),
    ],
)
def test_a_title_holds_no_marks(heading: str, title: str, desk: Desk) -> None:
    assert titles(desk.draft(f"# {heading}\n\nText.\n")) == {"http-notes": title}


def test_a_bold_line_is_a_heading_only_over_something(desk: Desk) -> None:
    text = desk.texts("# T\n\n**Costs**\n\nMuch.\n\n**Gains**\n")["http-notes"]
    assert text.endswith("# T\n\n## Costs\n\nMuch.\n\n**Gains**\n")


def test_a_quotation_of_nothing_goes_with_what_was_in_it(desk: Desk) -> None:
    text = desk.texts("# T\n\na\n\n> ```py\n> ```\n\nb\n")["http-notes"]
    assert text.endswith("# T\n\na\n\nb\n")


def test_without_a_title_the_file_name_is_one(desk: Desk) -> None:
    assert titles(desk.draft("Text.\n", "02_backend-notes.md")) == {
        "backend-notes": "Backend notes"
    }


def test_the_title_of_the_front_matter_wins(desk: Desk) -> None:
    drafted = desk.draft("---\ntitle: Real title\n---\n\n# Other\n\nText.\n")
    assert titles(drafted) == {"http-notes": "Real title"}
    assert [change.before for change in drafted.document.changes if change.by == "pages"] == [
        "Other"
    ]


def test_chapters_of_questions_are_pages_of_their_own(desk: Desk) -> None:
    drafted = desk.draft(
        """
        # Interview

        Read this first.

        ## Junior

        ### What is a?

        ### What is b?

        ## Senior

        ### What is c?

        ### What is d?
        """
    )
    assert titles(drafted) == {"overview": "Interview", "junior": "Junior", "senior": "Senior"}
    assert [page.level for page in drafted.pages] == ["", "foundation", "advanced"]


def test_a_long_document_is_cut_at_its_chapters_and_too_long_ones_in_parts(desk: Desk) -> None:
    long = "Word word word word.\n\n" * (MAX_PAGE // 40)
    drafted = desk.draft(
        f"# Book\n\n## One\n\n{long}\n## Two\n\n{long}{long}{long}\n## Three\n\nText.\n"
    )
    assert titles(drafted) == {
        "one": "One",
        "two-1": "Two, part 1",
        "two-2": "Two, part 2",
        "three": "Three",
    }


def test_questions_stand_at_the_end_in_labelled_parts(desk: Desk) -> None:
    assert desk.texts(
        """
        # HTTP

        The lead.

        ## Why is GET safe?

        It only reads.

        - No effect

        ## Methods

        Text.

        ### What is POST?

        - It acts

        ## Nothing?
        """
    )["http-notes"] == textwrap.dedent(
        """\
        ---
        title: "HTTP"
        description: ""
        draft: true
        ---

        # HTTP

        The lead.

        ## Methods

        Text.

        ## Interview questions

        ### Why is GET safe? { #get-safe }

        **In 30 seconds.** It only reads.

        **In depth.**

        - No effect

        ### What is POST? { #post }

        **In depth.**

        - It acts

        ### Nothing? { #nothing }

        **In 30 seconds.** To be written.
        """
    )


def test_a_page_of_the_guide_comes_out_as_it_went_in(desk: Desk) -> None:
    text = desk.texts(
        "# T\n\n## What is a lock?\n\n**Answer:** A right.\n\nMore.\n\n| a |\n|-|\n| b |\n"
    )["http-notes"].replace('description: ""', "description: What the page holds, in a sentence.")
    assert desk.texts(text, "http-notes.md") == {"http-notes": text}


def test_ids_of_questions_are_taken_once_in_the_whole_guide(desk: Desk) -> None:
    drafted = desk.draft(
        "## What is a lock?\n\n## What is the lock?\n\n## Locks, why? { #my-id }\n",
        taken=frozenset({"lock", "my-id"}),
    )
    ids = [each.id for each in drafted.pages[0].root.walk() if each.role == "question"]
    assert ids == ["lock-2", "lock-3", "locks"]


def test_headings_get_an_id_only_where_their_text_gives_none(desk: Desk) -> None:
    drafted = desk.draft(
        "# T\n\n## Costs\n\na\n\n### Write\n\nb\n\n"
        "## Gains\n\nc\n\n### Write\n\nd\n\n## 索引\n\ne\n"
    )
    assert [(each.title, each.id) for each in drafted.pages[0].root.walk()] == [
        ("T", ""),
        ("Costs", ""),
        ("Write", ""),
        ("Gains", ""),
        ("Write", "gains-write"),
        ("索引", "section-9ac22d"),
    ]


def test_what_the_guide_can_use_of_foreign_front_matter_is_kept(desk: Desk) -> None:
    drafted = desk.draft(
        """
        ---
        title: "Notes: HTTP"
        date: 2025-01-01
        tags: [HTTP, Caching, cooking]
        difficulty: hard
        description: What I learned about the protocol.
        ---

        Text.
        """
    )
    [page] = drafted.pages
    assert (page.title, page.level, page.tags) == ("Notes: HTTP", "advanced", ("http", "caching"))
    assert page.description == "What I learned about the protocol."
    [change] = [each for each in drafted.document.changes if each.by == "front matter"]
    assert "date: 2025-01-01" in change.before


def test_front_matter_that_is_no_yaml_is_in_the_report(desk: Desk) -> None:
    drafted = desk.draft('---\ntitle: "open\nx: [\n---\n\n# T\n\nText.\n')
    [change] = [each for each in drafted.document.changes if each.by == "front matter"]
    assert (change.kind, change.before) == ("removed", 'title: "open\nx: [\n')
    assert titles(drafted) == {"http-notes": "T"}
