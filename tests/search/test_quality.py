"""Readers' queries lead to the right places of the built site: in its engine, and in its box."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from guide.library import Library
from search_box import ask_all, ask_engine
from search_quality import Answer, Place, Query, figures, misses, read_queries
from support import this_guide

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from site_server import ServedSite

SETS = {
    name: read_queries(Path(__file__).with_name(name)) for name in ("queries.yml", "held-out.yml")
}
QUERIES = [query for queries in SETS.values() for query in queries]
FIRST = 10
"""Results that the dialog lists before somebody scrolls."""
each_set = pytest.mark.parametrize("name", SETS)


@pytest.fixture(scope="module")
def answers(built_site: ServedSite, chromium: Browser) -> dict[str, list[Answer]]:
    """What the engine finds for each set of queries."""
    page = chromium.new_page()
    found = iter(ask_engine(page, built_site.url, QUERIES))
    page.close()
    return {name: [next(found) for _ in queries] for name, queries in SETS.items()}


@pytest.fixture(scope="module")
def typed(built_site: ServedSite, chromium: Browser) -> list[Answer]:
    """What comes when every twentieth query is typed into the box, key by key at the end."""
    page = chromium.new_page(viewport={"width": 1280, "height": 900})
    found = ask_all(page, built_site.url, QUERIES[::20])
    page.close()
    return found


@pytest.fixture(scope="module")
def library() -> Library:
    return this_guide()


@each_set
def test_the_first_link_leads_to_the_right_page_for_nine_queries_in_ten(
    name: str, answers: dict[str, list[Answer]]
) -> None:
    missed = listed(misses(answers[name], 1, page_suffices=True))
    assert figures(answers[name], page_suffices=True).hit_1 >= 0.90, missed


@each_set
def test_one_of_the_first_three_links_leads_to_the_right_page_for_nearly_all_queries(
    name: str, answers: dict[str, list[Answer]]
) -> None:
    missed = listed(misses(answers[name], 3, page_suffices=True))
    assert figures(answers[name], page_suffices=True).hit_3 >= 0.98, missed


def test_the_box_lists_what_the_engine_finds(
    typed: list[Answer], answers: dict[str, list[Answer]]
) -> None:
    found = {each.query.text: each.links for name in SETS for each in answers[name]}
    other = {
        each.query.text: (each.links, found[each.query.text])
        for each in typed
        if each.links[:FIRST] != found[each.query.text][:FIRST]
    }
    assert other == {}


def test_enter_opens_the_first_link(typed: list[Answer]) -> None:
    others = [each.query.text for each in typed if each.links and each.opened != each.links[0]]
    assert others == []


@each_set
def test_every_query_finds_something(name: str, answers: dict[str, list[Answer]]) -> None:
    assert figures(answers[name]).empty == 0, listed(
        repr(answer.query.text) for answer in answers[name] if not answer.links
    )


def test_every_written_topic_has_at_least_five_queries(library: Library) -> None:
    asked = Counter(
        page.path
        for query in SETS["queries.yml"]
        for page in library.topic_pages
        if asks(query, page.path)
    )
    few = {page.path: asked[page.path] for page in library.topic_pages if asked[page.path] < 5}
    assert few == {}, "pages with fewer than five queries in tests/search/queries.yml"


def test_no_query_stands_twice() -> None:
    times = Counter(" ".join(query.text.casefold().split()) for query in QUERIES)
    twice = [text for text, number in times.items() if number > 1]
    assert twice == [], "in tests/search/, in one set or in both"


@each_set
def test_every_right_place_exists(name: str, library: Library) -> None:
    wrong = [
        f"line {query.line}: {place}"
        for query in SETS[name]
        for place in query.at
        if not exists(place, library)
    ]
    assert wrong == [], f"places in tests/search/{name} that are nowhere in the guide"


def asks(query: Query, path: str) -> bool:
    """Tell whether the page at `path` holds an answer to `query`."""
    page = path.removesuffix(".md")
    return any(place.page == page for place in query.at)


def exists(place: Place, library: Library) -> bool:
    """Tell whether `place` is a page or an id on it."""
    page = library.pages.get(f"{place.page}.md") or library.pages.get(f"{place.page}/index.md")
    return page is not None and (not place.anchor or place.anchor in page.ids)


def listed(missed: Iterable[str]) -> str:
    """The lines of the queries that missed, under each other."""
    lines = list(missed)
    return "\n".join((f"{len(lines)} queries missed:", *lines))
