"""The keyboard's focus: never hidden, always marked, never lost."""

from __future__ import annotations

import pytest

from focus import mark, walk
from page_types import PAGE_TYPES

WINDOWS = [(1280, "light"), (360, "dark")]
STOPS = 50
"""So many tab stops of the content are looked at: lists of hundreds of links are alike."""
ALL_STOPS = 130
"""So many of the page whose header and navigation are looked at for those of all pages."""


@pytest.fixture(scope="module")
def marked() -> set[tuple[str, str]]:
    """The kinds of elements whose mark was seen, by color scheme: each is looked at once."""
    return set()


@pytest.mark.parametrize(("width", "scheme"), WINDOWS)
@pytest.mark.parametrize("kind", PAGE_TYPES)
def test_what_has_the_focus_is_on_show_and_marked(visit, marked, kind, width, scheme):
    page = visit(PAGE_TYPES[kind], width=width, height=800, scheme=scheme)
    page.wait_for_load_state("networkidle")
    if kind != "topic":
        page.locator("h1").evaluate("title => { title.tabIndex = -1; title.focus() }")
    wrong = []
    seen = list[str]()
    for stop in walk(page, ALL_STOPS if kind == "topic" else STOPS):
        seen.append(stop.kind)
        if not stop.is_seen:
            wrong.append(f"hidden: {stop}")
        elif (scheme, stop.kind) not in marked:
            marked.add((scheme, stop.kind))
            changed, wanted = mark(page, stop)
            if changed < wanted:
                wrong.append(f"not marked ({changed} of {wanted} pixels): {stop}")
    assert wrong == []
    assert len(seen) > 2
