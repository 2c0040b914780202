"""The architecture picture in the README is drawn from the code, and shows all of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from guide.diagrams.render import render_diagrams
from parts import GUIDE, Part, read_parts
from picture import END, README, START, mermaid, with_picture

PARTS = {
    "cli": Part("cli", False, 'The `guide` "command"', {"helping", "checks"}),
    "site": Part("site", False, "The adapter", {"drawing"}),
    "helping": Part("helping", False, "Help", {"drawing", "library"}),
    "checks": Part("checks", True, "The rules", {"library"}),
    "drawing": Part("drawing", True, "Draw", {"library"}),
    "library": Part("library", True, "Read", set()),
}


def test_the_readme_shows_what_the_code_is_now() -> None:
    text = README.read_text("utf-8")

    assert text == with_picture(text, read_parts(GUIDE)), "run `make picture`"


def test_it_is_small_enough_for_a_newcomer_and_can_be_drawn(tmp_path: Path) -> None:
    source = mermaid(read_parts(GUIDE))

    assert source.count("**\n") <= 16
    assert render_diagrams([source], tmp_path)[source].error is None


def test_arrows_say_what_imports_what_and_nothing_twice() -> None:
    arrows = [line.strip() for line in mermaid(PARTS).split("\n") if "-->" in line]

    assert arrows == [
        "cli --> checks & drawing",
        "site --> drawing",
        "checks --> library",
        "drawing --> library",
    ]


def test_a_box_has_the_name_and_what_it_is_for() -> None:
    drawn = mermaid(PARTS)

    assert 'checks["`**checks/**\nThe rules`"]' in drawn
    assert 'cli["`**cli.py**\nThe guide #quot;command#quot;; uses 1 module beside it`"]' in drawn
    assert 'site["`**site.py**\nThe adapter`"]' in drawn


def test_parts_are_read_with_how_their_docstrings_begin(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "__init__.py").write_text('"""First. Second."""\n')
    (tmp_path / "one" / "deep.py").write_text("def f():\n    from guide.two import x\n")
    (tmp_path / "two.py").write_text('"""Do this; not that."""\nimport guide.one.deep\n')
    (tmp_path / "data").mkdir()

    assert read_parts(tmp_path) == {
        "one": Part("one", True, "First", {"two"}),
        "two": Part("two", False, "Do this", {"one"}),
    }


def test_a_readme_without_its_markers_is_refused() -> None:
    with pytest.raises(ValueError, match=f"no lines `{START}` and `{END}`"):
        with_picture("# Guide\n", PARTS)
