"""The reader chooses a programming language once."""

from __future__ import annotations

import pytest

NO_STORAGE = """Object.defineProperty(window, "localStorage", {
    get() { throw new DOMException("denied", "SecurityError") }
})"""

CHOSEN = """() => [...document.querySelectorAll(".tabbed-set")].map(set => ({
    offered: [...set.querySelectorAll(":scope > .tabbed-labels > label")]
        .map(label => label.textContent.trim()),
    chosen: [...set.querySelectorAll(":scope > input")].findIndex(input => input.checked),
    note: set.querySelector(".tabbed-note")?.textContent ?? null,
}))"""


def tab_sets(page):
    """What each tab set offers, which tab it shows, and its note."""
    sets = page.evaluate(CHOSEN)
    assert sets, "the page has no tab sets to test"
    return [(found["offered"], found["offered"][found["chosen"]], found["note"]) for found in sets]


def choose(page, language):
    page.locator(".tabbed-labels > label", has_text=language).first.click()
    page.wait_for_timeout(200)


def test_choosing_a_tab_switches_the_page_and_the_next_ones(visit, topic):
    page = visit(topic)
    choose(page, "Go")
    assert all(shown == "Go" for offered, shown, _ in tab_sets(page) if "Go" in offered)
    page.goto(page.url.replace(topic, "/http/http-fundamentals/"), wait_until="networkidle")
    assert all(shown == "Go" for offered, shown, _ in tab_sets(page) if "Go" in offered)


@pytest.mark.parametrize("word", ["go", "Go", "golang"])
def test_a_link_carries_the_language_and_the_choice_stays(visit, topic, word):
    page = visit(f"{topic}?lang={word}")
    assert all(shown == "Go" for offered, shown, _ in tab_sets(page) if "Go" in offered)
    page.goto(page.url.partition("?")[0], wait_until="networkidle")
    assert all(shown == "Go" for offered, shown, _ in tab_sets(page) if "Go" in offered)


def test_an_unknown_language_in_a_link_changes_nothing(visit, topic):
    plain = tab_sets(visit(topic))
    assert tab_sets(visit(f"{topic}?lang=cobol")) == plain


def test_leaving_the_linked_language_updates_the_address(visit, topic):
    page = visit(f"{topic}?lang=go")
    choose(page, "Python")
    assert page.url.partition("#")[0].endswith("?lang=python")


def test_a_tab_set_without_the_language_says_so_until_another_is_chosen(visit, topic):
    page = visit(f"{topic}?lang=java")
    lacking = [
        (shown, offered[0], note)
        for offered, shown, note in tab_sets(page)
        if "Python" in offered and "Java" not in offered
    ]
    assert lacking
    assert all(row == (row[1], row[1], "No Java version here") for row in lacking)
    choose(page, "Python")
    assert all(note is None for _, _, note in tab_sets(page))


def test_without_local_storage_links_and_tabs_still_work(visit, topic):
    page = visit(f"{topic}?lang=go", script=NO_STORAGE)
    assert all(shown == "Go" for offered, shown, _ in tab_sets(page) if "Go" in offered)
    choose(page, "Python")
    assert all(shown == "Python" for offered, shown, _ in tab_sets(page) if "Python" in offered)
    page.keyboard.press("/")
    page.keyboard.type("preflight")
    page.locator(".md-search-result__item").first.wait_for()
