"""Pages of the built site in a browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from site_server import ServedSite

TOPIC = "/security/cors/"
"""A finished topic page: diagrams, tables, code in several languages, questions, a quiz."""

Visit = Callable[..., "Page"]


@pytest.fixture
def topic() -> str:
    return TOPIC


@pytest.fixture
def visit(built_site: ServedSite, chromium: Browser) -> Iterator[Visit]:
    """Open a path in a browser profile of its own; a script error fails the test.

    `script` runs before those of the page. Further options go to the browser context.
    """
    contexts = []
    errors: list[str] = []

    def open_page(path: str, script: str = "", width: int = 1280, **options: Any) -> Page:
        viewport = {"width": width, "height": 900}
        context = chromium.new_context(viewport=viewport, reduced_motion="reduce", **options)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        if script:
            page.add_init_script(script)
        page.goto(built_site.at(path), wait_until="load")
        # The modules may load later than that; this button is the first thing they make.
        page.locator(".md-header button[aria-label=Navigation]").wait_for(state="attached")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert errors == []
