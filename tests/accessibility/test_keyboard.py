"""Everything works from a keyboard, and the focus is where the reader is."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from page_types import PAGE_TYPES

TOPIC = PAGE_TYPES["topic"]
IN_MAIN = "document.activeElement.closest('main') !== null"


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("kind", ["home", "topic", "review", "not found"])
def test_the_first_tab_stop_leads_past_the_navigation(visit, kind, width):
    page = visit(PAGE_TYPES[kind], width=width)
    page.keyboard.press("Tab")
    link = page.locator(".md-skip")
    expect(link).to_be_focused()
    expect(link).to_be_in_viewport(ratio=1)
    page.keyboard.press("Enter")
    page.wait_for_function("() => location.hash !== ''")
    page.keyboard.press("Tab")
    assert page.evaluate(f"{IN_MAIN} && !document.activeElement.closest('.md-sidebar')")


def test_the_menu_of_small_screens_takes_the_focus_keeps_it_and_gives_it_back(visit):
    page = visit(TOPIC, width=360)
    menu = page.locator(".md-sidebar--primary")
    opener = page.get_by_role("button", name="Navigation", exact=True)
    closer = page.get_by_role("button", name="Close navigation")
    expect(menu).to_be_hidden()
    opener.focus()
    page.keyboard.press("Enter")
    expect(opener).to_have_attribute("aria-expanded", "true")
    expect(closer).to_be_focused()
    for key in ("Shift+Tab", "Tab", "Tab", "Tab"):
        page.keyboard.press(key)
        assert page.evaluate(
            "document.activeElement === document.body || "
            "document.activeElement.closest('.md-sidebar--primary') !== null"
        )
    contents = menu.locator("summary", has_text="On this page")
    contents.press("Enter")
    expect(menu.get_by_role("link", name="The problem")).to_be_visible()
    page.keyboard.press("Escape")
    expect(opener).to_be_focused()
    expect(opener).to_have_attribute("aria-expanded", "false")
    expect(menu).to_be_hidden()

    page.keyboard.press("Space")
    expect(closer).to_be_focused()
    page.keyboard.press("Enter")
    expect(opener).to_be_focused()
    page.keyboard.press("Enter")
    expect(closer).to_be_focused()
    page.set_viewport_size({"width": 1280, "height": 900})
    expect(page.get_by_role("link", name="Caching").first).to_be_visible()
    assert page.locator("[inert]").count() == 0


def test_search_gives_the_focus_back_to_where_the_reader_was(visit):
    page = visit(TOPIC)
    link = page.locator("article a").nth(8)
    link.focus()
    page.keyboard.press("/")
    page.keyboard.type("cache")
    page.locator(".md-search-result__item").first.wait_for()
    page.keyboard.press("Escape")
    expect(link).to_be_focused()
    expect(page.locator(".md-search-result__item").first).to_be_hidden()


def test_an_enlarged_diagram_gives_the_focus_back(visit):
    page = visit(TOPIC)
    button = page.locator(".diagram__enlarge").first
    button.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(button).to_be_focused()


def test_boxes_that_scroll_are_tab_stops_and_others_are_not(visit):
    page = visit(TOPIC, width=360)
    boxes = page.evaluate("""() => {
        const boxes = document.querySelectorAll(".table-box, .md-content pre > code")
        return [...boxes].filter(box => box.offsetParent)
            .map(box => [box.scrollWidth > box.clientWidth, box.tabIndex === 0])
    }""")
    assert [True, True] in boxes
    assert all(scrolls == is_stop for scrolls, is_stop in boxes)


@pytest.mark.parametrize("kind", PAGE_TYPES)
def test_ids_are_unique_once_scripts_have_run(visit, kind):
    page = visit(PAGE_TYPES[kind])
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map(element => element.id)")
    assert sorted({id for id in ids if ids.count(id) > 1}) == []
