"""The keyboard's focus: never hidden, always marked, never lost."""

from __future__ import annotations

import pytest

from focus import mark, walk
from page_types import PAGE_TYPES

WINDOWS = [(1280, "light", 130), (360, "dark", 60)]
"""Width, color scheme, and how many tab stops of a page are looked at: the navigation, which small
screens fold away, takes half of them, and lists of hundreds of links are alike."""


@pytest.fixture(scope="module")
def marked() -> set[tuple[str, str]]:
    """The kinds of elements whose mark was seen, by color scheme: each is looked at once."""
    return set()


@pytest.mark.parametrize(("width", "scheme", "stops"), WINDOWS)
@pytest.mark.parametrize("kind", PAGE_TYPES)
def test_what_has_the_focus_is_on_show_and_marked(visit, marked, kind, width, scheme, stops):
    page = visit(PAGE_TYPES[kind], width=width, height=800, scheme=scheme)
    wrong = []
    seen = list[str]()
    for stop in walk(page, stops):
        seen.append(stop.kind)
        if not stop.is_seen:
            wrong.append(f"hidden: {stop}")
        elif (scheme, stop.kind) not in marked:
            marked.add((scheme, stop.kind))
            changed, wanted = mark(page, stop)
            if changed < wanted:
                wrong.append(f"not marked ({changed} of {wanted} pixels): {stop}")
    assert wrong == []
    assert len(seen) > 5
