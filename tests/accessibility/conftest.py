"""A window in which tests look at one page after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from site_server import ServedSite

# A learning tool fills its place in several steps, so that no reader waits for the last.
TOOL_IS_READY = """() => new Promise(resolve => {
    const place = document.querySelector("[data-tool]")
    if (!place) return resolve(true)
    let quiet
    const wait = () => {
        clearTimeout(quiet)
        if (!place.querySelector(".tool-waiting")) quiet = setTimeout(resolve, 150, true)
    }
    new MutationObserver(wait).observe(place, { childList: true, subtree: true })
    wait()
})"""

Open = Callable[..., "Page"]


@pytest.fixture(scope="module")
def window(chromium: Browser) -> Iterator[Page]:
    """A window that the tests of a file share: a profile for each page would take most of the time.

    No request of it may be routed, for that would switch its cache off.
    """
    with chromium.new_context(reduced_motion="reduce") as context:
        page = context.new_page()
        page.set_default_timeout(15_000)
        yield page


@pytest.fixture
def visit(window: Page, built_site: ServedSite) -> Iterator[Open]:
    """Open a path at a size and in a color scheme; a script error fails the test."""
    errors: list[str] = []

    def note(error: Any) -> None:
        errors.append(str(error))

    def open_page(path: str, width: int = 1280, height: int = 900, scheme: str = "light") -> Page:
        url = built_site.at(path)
        # The page that is still there would be laid out anew, for nobody.
        if window.viewport_size != {"width": width, "height": height}:
            window.set_viewport_size({"width": width, "height": height})
        window.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        if url.partition("#")[0] == window.url.partition("#")[0]:
            window.goto("about:blank")  # an address that differs in its fragment loads nothing
        window.goto(url)
        # The modules may load later than that; this button is the first thing they make.
        window.locator(".md-header button[aria-label=Navigation]").wait_for(state="attached")
        window.evaluate(TOOL_IS_READY)
        return window

    window.on("pageerror", note)
    yield open_page
    window.remove_listener("pageerror", note)
    window.emulate_media(color_scheme="light", forced_colors="none", media="screen")
    assert errors == []
