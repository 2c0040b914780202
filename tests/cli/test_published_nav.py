"""Readers get the navigation without drafts, and without headings that held nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from guide.publishing.published_nav import published_nav

DRAFTS = {"http/notes.md", "intake/old/basics.md", "intake/old/more.md"}


@pytest.mark.parametrize(
    ("nav", "expected"),
    [
        (["index.md", "http/notes.md"], ["index.md"]),
        ([{"Home": "index.md"}, {"Notes": "http/notes.md"}], [{"Home": "index.md"}]),
        (
            [{"HTTP": ["http/index.md", "http/notes.md"]}],
            [{"HTTP": ["http/index.md"]}],
        ),
        (
            [
                "index.md",
                {"Drafts": [{"Old": ["intake/old/basics.md", {"More": "intake/old/more.md"}]}]},
            ],
            ["index.md"],
        ),
        (["http/notes.md"], []),
    ],
)
def test_drafts_and_what_they_leave_empty_are_gone(nav: list[Any], expected: list[Any]) -> None:
    assert published_nav(nav, DRAFTS) == expected


def test_a_navigation_without_drafts_is_the_same() -> None:
    nav = [
        "index.md",
        {"HTTP": ["http/index.md", {"Standards": "https://www.rfc-editor.org/"}]},
        {"Later": []},
    ]

    assert published_nav(nav, DRAFTS) == nav


def test_what_is_given_is_not_changed() -> None:
    nav: list[Any] = [{"HTTP": ["http/index.md", "http/notes.md"]}]

    published_nav(nav, DRAFTS)

    assert nav == [{"HTTP": ["http/index.md", "http/notes.md"]}]
