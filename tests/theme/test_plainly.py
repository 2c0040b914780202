"""Pages can be read with scripts, style sheets or images off, and on paper."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from site_server import ServedSite

PAGES = {
    "home": "/",
    "topics": "/topics/",
    "map": "/topics/map/",
    "area": "/http/",
    "topic": "/security/cors/",
    "questions": "/questions/",
    "examples": "/about/examples/",
    "gallery": "/diagrams/http/",
    "plan": "/plans/one-week/",
    "tool": "/practice/review/",
    "progress": "/practice/progress/",
    "step": "/practice/mini-blog/2-posts/",
    "sheet": "/sheets/status-codes/",
    "printed": "/exports/http-questions/",
    "errata": "/about/errata/fundamentals/",
    "rule": "/about/rules/anatomy/",
    "missing": "/404.html",
}
"""One page of each type."""
PAPER = 673
"""Width of the text on A4 in CSS pixels; its height is 986."""

HIDDEN = """() => [...document.querySelectorAll(".md-content__inner *")].filter(element => {
    const words = [...element.childNodes].some(node => node.nodeType === 3 && node.data.trim())
    const aside = "script, style, noscript, title, desc, .headerlink, [hidden]"
    const shown = element.checkVisibility({ visibilityProperty: true, opacityProperty: true })
    return words && !shown && !element.closest(aside)
})"""
"""Elements with words of their own that nobody sees."""
IN_DETAILS = 'element => Boolean(element.closest("details:not([open])"))'
IN_TAB = 'element => Boolean(element.closest(".tabbed-block"))'


@pytest.fixture
def page(
    request: pytest.FixtureRequest, built_site: ServedSite, chromium: Browser
) -> Iterator[Page]:
    """A browser page with the options that the test is marked with."""
    marker = request.node.get_closest_marker("browser_options")
    options: dict[str, Any] = {
        "viewport": {"width": 1280, "height": 900},
        "base_url": built_site.url,
    }
    with chromium.new_context(**options, **(marker.kwargs if marker else {})) as context:
        yield context.new_page()


def go(page: Page, path: str) -> None:
    page.goto(path.lstrip("/"), wait_until="load")


@pytest.mark.browser_options(java_script_enabled=False)
def test_without_scripts_all_text_is_there_or_one_native_control_away(page: Page) -> None:
    lost = {}
    for name, path in PAGES.items():
        go(page, path)
        page.locator("h1").first.wait_for()
        lost[name] = page.evaluate(
            f"""() => ({HIDDEN})().filter(element =>
                !({IN_DETAILS})(element) && !({IN_TAB})(element)).map(each => each.outerHTML)"""
        )
    assert lost == {name: [] for name in PAGES}


@pytest.mark.browser_options(java_script_enabled=False)
def test_without_scripts_every_tab_opens_its_panel(page: Page) -> None:
    go(page, PAGES["topic"])
    tabs = page.locator(".tabbed-set").first
    panels = tabs.locator(".tabbed-block")
    labels = tabs.locator(".tabbed-labels label")

    assert panels.count() == labels.count() > 2
    for number in range(labels.count()):
        labels.nth(number).click()
        shown = [panel.is_visible() for panel in panels.all()]
        assert shown == [other == number for other in range(labels.count())]


@pytest.mark.browser_options(java_script_enabled=False)
def test_without_scripts_answers_open_and_diagrams_are_drawn(page: Page) -> None:
    go(page, PAGES["topic"])
    answer = page.locator(".quiz-answer").first

    answer.locator("summary").click()

    assert answer.locator("> :not(summary)").first.is_visible()
    drawings = page.locator(".diagram svg")
    assert drawings.count() > 1
    assert all(box and box["width"] > 100 for box in map(_box, drawings.all()))


@pytest.mark.browser_options(java_script_enabled=False)
def test_without_scripts_a_tool_says_what_it_needs_and_offers_no_dead_control(page: Page) -> None:
    for path in (PAGES["tool"], PAGES["progress"]):
        go(page, path)
        assert page.get_by_text("needs scripts to be on").is_visible()
        controls = "button, input, select, textarea"
        assert page.locator(f".md-content__inner :is({controls}):visible").count() == 0
        # The theme's search box does nothing without its script.
        assert not page.locator(".md-search").is_visible()


def test_without_style_sheets_nothing_is_huge_and_the_content_follows_its_heading(
    page: Page,
) -> None:
    page.route("**/*.css", lambda route: route.abort())
    found = {}
    for name, path in PAGES.items():
        go(page, path)
        found[name] = page.evaluate("""() => {
            const icons = [...document.querySelectorAll("svg:not(.diagram svg)")]
            const drawings = [...document.querySelectorAll(".diagram svg")]
            const skip = document.querySelector("a[href^='#']")
            const headings = [...document.querySelectorAll("main :is(h1, h2, h3, h4)")]
            const levels = headings.map(each => Number(each.tagName[1]))
            return {
                huge: icons.filter(icon => icon.getBoundingClientRect().height > 32).length,
                filled: drawings.filter(each => getComputedStyle(each).fill !== "none").length,
                skip: document.getElementById(skip.hash.slice(1))?.tagName,
                first: levels[0],
                jumps: levels.filter((level, at) => at && level > levels[at - 1] + 1).length,
            }
        }""")
    plain = {"huge": 0, "filled": 0, "skip": "H1", "first": 1, "jumps": 0}
    assert found == dict.fromkeys(PAGES, plain)


def test_without_style_sheets_words_in_a_diagram_are_not_on_their_own_color(page: Page) -> None:
    page.route("**/*.css", lambda route: route.abort())
    go(page, PAGES["topic"])

    colors = page.evaluate("""() => [...document.querySelectorAll(".diagram svg")].map(svg => [
        getComputedStyle(svg.querySelector("text")).fill,
        getComputedStyle(svg.querySelector("rect, polygon, circle, path")).fill,
    ])""")

    assert len(colors) > 1
    assert set(map(tuple, colors)) == {("rgb(0, 0, 0)", "none")}


def test_with_style_sheets_the_colors_of_diagrams_are_theirs(page: Page) -> None:
    go(page, PAGES["topic"])
    text = page.locator(".diagram svg text").first.evaluate("each => getComputedStyle(each).fill")
    box = page.locator(".diagram svg rect").first.evaluate("each => getComputedStyle(each).fill")

    assert (text, box) == ("rgb(28, 33, 38)", "rgb(243, 241, 234)")


def test_every_image_has_words_in_its_place(page: Page) -> None:
    page.route("**/*.{png,webp,avif,jpg,ico}", lambda route: route.abort())
    named = 0
    for path in PAGES.values():
        go(page, path)
        named += page.locator(".diagram svg").count()
        assert page.locator(".md-content__inner img:not([alt])").count() == 0
        # Nothing with words to read is an image from a style sheet.
        nameless = page.evaluate("""() => [...document.querySelectorAll(".diagram svg")].filter(
            svg => !(svg.getAttribute("aria-labelledby") ?? "").split(" ").every(
                id => document.getElementById(id)?.textContent.trim())).length""")
        assert nameless == 0
    assert named > 5


def test_paper_holds_whole_diagrams_and_lines_of_code(page: Page) -> None:
    page.set_viewport_size({"width": PAPER, "height": 986})
    page.emulate_media(media="print")
    for name in ("topic", "gallery", "map", "step"):
        go(page, PAGES[name])
        tall, wide = page.evaluate(
            """width => [
                [...document.querySelectorAll("figure.diagram")].filter(
                    figure => figure.getBoundingClientRect().height > 900).length,
                [...document.querySelectorAll(".md-content__inner :is(pre, code, table, svg)")]
                    .filter(each => each.getBoundingClientRect().right > width + 1
                        || (each.matches("pre > code") && each.scrollWidth > each.clientWidth + 1))
                    .map(each => each.outerHTML.slice(0, 200)),
            ]""",
            PAPER,
        )
        assert (name, tall, wide) == (name, 0, [])


def test_paper_has_the_text_and_where_links_lead_and_nothing_to_click(page: Page) -> None:
    page.emulate_media(media="print")
    for path in PAGES.values():
        go(page, path)
        furniture = ".md-header, .md-tabs, .md-sidebar, .md-footer, .md-top, .headerlink"
        assert page.locator(f":is({furniture}):visible").count() == 0
    go(page, PAGES["topic"])
    link = page.locator(".md-content__inner a[href^=http]").first
    address = link.evaluate("each => getComputedStyle(each, '::after').content")
    assert link.get_attribute("href") in address


def _box(locator: Any) -> Any:
    return locator.bounding_box()
