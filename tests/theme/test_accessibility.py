"""The theme passes axe and works from a keyboard."""

from __future__ import annotations

import pytest

from axe import violations

pytestmark = pytest.mark.browser

PAGES = ["/", "/security/cors/", "/topics/", "/questions/", "/404.html"]
PAGES += ["/plans/", "/plans/one-week/", "/sheets/isolation-levels/"]


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_nothing(visit, path, scheme, width):
    page = visit(path, width=width, color_scheme=scheme)
    expected = "slate" if scheme == "dark" else "default"
    assert page.locator("body").get_attribute("data-md-color-scheme") == expected
    assert violations(page) == []


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_while_searching(visit, topic, scheme, width):
    page = visit(topic, width=width, color_scheme=scheme)
    page.keyboard.press("/")
    page.keyboard.type("origin")
    page.locator(".md-search-result__item").first.wait_for()
    page.wait_for_timeout(300)  # the sheet slides in
    assert violations(page) == []


@pytest.mark.parametrize("path", ["/", "/security/cors/", "/404.html"])
def test_the_first_tab_stop_leads_past_the_navigation(visit, path):
    page = visit(path)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.classList.contains('md-skip')")
    page.keyboard.press("Enter")
    page.wait_for_timeout(200)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")


def test_the_menu_of_small_screens_opens_from_the_keyboard(visit, topic):
    page = visit(topic, width=360)
    menu = page.get_by_role("button", name="Navigation")
    menu.focus()
    page.keyboard.press("Enter")
    assert menu.get_attribute("aria-expanded") == "true"
    assert page.locator("#__drawer").is_checked()


def test_boxes_that_scroll_are_tab_stops_and_others_are_not(visit, topic):
    page = visit(topic, width=360)
    boxes = page.evaluate("""() => {
        const boxes = document.querySelectorAll(".md-typeset__scrollwrap, .md-content pre > code")
        return [...boxes].filter(box => box.offsetParent)
            .map(box => [box.scrollWidth > box.clientWidth, box.tabIndex === 0])
    }""")
    assert [True, True] in boxes
    assert all(scrolls == is_stop for scrolls, is_stop in boxes)


@pytest.mark.parametrize("path", PAGES)
def test_ids_are_unique_once_scripts_have_run(visit, path):
    page = visit(path)
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map(element => element.id)")
    assert sorted({id for id in ids if ids.count(id) > 1}) == []


def test_the_page_does_not_scroll_sideways_on_a_phone(visit, topic):
    page = visit(topic, width=360)
    assert page.evaluate("document.documentElement.scrollWidth") == 360
