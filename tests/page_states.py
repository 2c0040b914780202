"""The states of any page: what can be opened on it, and what axe says then."""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType
from typing import TYPE_CHECKING

from axe import violations

if TYPE_CHECKING:
    from playwright.sync_api import Page

Violations = list[tuple[str, list[str]]]

# Everything that folds is opened, the last of each set of tabs is chosen, quiz items are answered.
_UNFOLD = """() => {
    for (const each of document.querySelectorAll("details")) each.open = true
    for (const set of document.querySelectorAll(".tabbed-set")) {
        [...set.querySelectorAll(":scope > input")].at(-1)?.click()
    }
    for (const form of document.querySelectorAll(".quiz")) {
        const buttons = [...form.querySelectorAll("button")]
        buttons.find(each => each.textContent === "I don't know")?.click()
    }
}"""
_PAINTED = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
_WIDTH = "document.documentElement.scrollWidth - innerWidth"


def _closed(page: Page) -> Violations:
    return violations(page) + _sideways(page)


def _unfolded(page: Page) -> Violations:
    if page.locator("[data-topic]").count():
        page.keyboard.press("Shift")  # the sign of a reader
        page.locator(".topic-read").wait_for(state="attached")
    page.evaluate(_UNFOLD)
    page.evaluate(_PAINTED)  # what can be scrolled now has become a tab stop
    return violations(page) + _sideways(page)


def _enlarged(page: Page) -> Violations:
    button = page.locator(".diagram__enlarge:visible").first
    if not button.count():
        return []
    button.click()
    page.locator("dialog[open]").wait_for()
    found = violations(page, "dialog[open]")
    page.keyboard.press("Escape")
    return found


def _searching(page: Page) -> Violations:
    page.evaluate("scrollTo(0, 0)")
    page.keyboard.press("/")
    page.keyboard.type("cache")
    page.locator(".md-search-result__item").first.wait_for()
    found = violations(page, ".md-search")
    page.keyboard.press("Control+a")
    page.keyboard.press("Delete")
    page.keyboard.press("Escape")
    return found


def _menu(page: Page) -> Violations:
    opener = page.get_by_role("button", name="Navigation", exact=True)
    if not opener.is_visible():
        return []
    opener.click()
    page.locator(".menu-close:focus").wait_for()
    found = violations(page, ".md-sidebar--primary")
    page.keyboard.press("Escape")
    return found


def _sideways(page: Page) -> Violations:
    return [("scrolls sideways", ["html"])] if page.evaluate(_WIDTH) > 0 else []


STATES: MappingProxyType[str, Callable[[Page], Violations]] = MappingProxyType(
    {
        "closed": _closed,
        "unfolded": _unfolded,
        "diagram enlarged": _enlarged,
        "search open": _searching,
        "menu open": _menu,
    }
)
"""In the order in which a page goes through them."""


def look(page: Page, state: str) -> Violations:
    """Bring the page into `state` and look at it; nothing where the page has no such state."""
    return STATES[state](page)
