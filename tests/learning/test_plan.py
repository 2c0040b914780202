"""Placement, dated plan and map: what they compute, and a reader's way through each."""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

import pytest
from playwright.sync_api import expect
from selectolax.lexbor import LexborHTMLParser

from axe import violations_in_both_schemes
from javascript_claims import claims, prove
from support import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

    from site_server import ServedSite

CLAIMS = ROOT / "tests" / "learning" / "plan_claims.mjs"
KEY = "guide.study"
MORNING = datetime.datetime(2026, 11, 22, 9, tzinfo=datetime.UTC)
MOST_STOPS = 60
"""So many tab stops at most lie between two controls of a tool."""

Open = Callable[..., "Page"]


@claims(CLAIMS)
def test_of_plans_and_placements(built_site: ServedSite, claim: str) -> None:
    wrong = prove(CLAIMS, built_site.folder / "practice" / "study.json")[claim]
    assert wrong is None, wrong


@pytest.fixture
def visit(built_site: ServedSite, chromium: Browser) -> Iterator[Open]:
    """Open a path in a browser profile of its own, which may have a past, on a Sunday morning."""
    contexts = []
    errors: list[str] = []

    def open_page(
        path: str, state: object = None, width: int = 1280, ready: str = "", **options: Any
    ) -> Page:
        viewport = {"width": width, "height": 900}
        context = chromium.new_context(
            viewport=viewport, reduced_motion="reduce", locale="en-US", **options
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.clock.set_fixed_time(MORNING)
        if state:
            text = json.dumps(json.dumps(state))
            page.add_init_script(f"localStorage['{KEY}'] ??= {text}")
        page.goto(built_site.at(path))
        if ready:
            page.locator(ready).first.wait_for()
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert errors == []


def tab_to(page: Page, target: Locator) -> None:
    """Press Tab until the target has the focus."""
    target.wait_for()
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        if target.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"no key reaches {target}")


def enter(page: Page, target: Locator) -> None:
    tab_to(page, target)
    page.keyboard.press("Enter")


def is_fine_in_both_schemes(page: Page) -> None:
    """axe finds nothing, and nothing is wider than the window."""
    assert violations_in_both_schemes(page) == {}
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def stored(page: Page) -> Any:
    return json.loads(page.evaluate(f"localStorage['{KEY}']"))


def test_a_placement_by_keyboard_leads_to_topics_and_to_a_plan(visit: Open) -> None:
    page = visit("/practice/placement/", width=360)

    def button(name: str) -> Locator:
        return page.get_by_role("button", name=name, exact=True)

    enter(page, button("Start"))
    for number in range(1, 16):
        heading = page.get_by_role("heading", name=f"Item {number} of 15")
        expect(heading).to_be_focused()
        expect(button("I don't know")).to_be_visible()
        if number == 1:
            is_fine_in_both_schemes(page)
            assert page.locator(".quiz-right, .quiz-wrong").count() == 0, "no answer is in the page"
        if number == 6:
            page.reload()
            enter(page, button("Continue with item 6"))
            expect(heading).to_be_focused()
        if number % 3:
            tab_to(page, page.locator(".quiz input").first)
            page.keyboard.press("Space")
            enter(page, button("Check"))
        else:
            enter(page, button("I don't know"))

    expect(page.get_by_role("heading", name="Your answers fit the level")).to_be_focused()
    is_fine_in_both_schemes(page)
    state = stored(page)
    logs = [item["log"][0] for item in state["items"].values()]
    assert [source for _, source, *_ in logs] == ["placement"] * 15
    missed = {id for id, item in state["items"].items() if item["log"][0][2] == 1}
    assert missed == {id for id, item in state["items"].items() if item["queued"]}
    assert len(missed) >= 5
    assert page.locator(".tool ul li").count() == len(missed)
    (session,) = state["sessions"].values()
    assert session["value"]["done"] is True
    level = state["settings"]["level"]["value"]
    assert level == session["value"]["level"]

    enter(page, page.get_by_role("link", name="Make a plan"))
    expect(page.get_by_label("Level")).to_have_value(level)
    page.go_back()
    enter(page, button("Show the last result"))
    expect(page.get_by_role("heading", name="Start here")).to_be_visible()


def test_an_item_that_cannot_be_loaded_gives_way_to_another(visit: Open) -> None:
    page = visit("/practice/placement/", service_workers="block")
    page.route("**/*/", lambda route: route.abort())
    page.get_by_role("button", name="Start").click()

    expect(page.get_by_role("alert")).to_have_text("This item cannot be loaded.")
    is_fine_in_both_schemes(page)
    page.unroute("**/*/")
    page.get_by_role("button", name="Take another item").click()
    expect(page.get_by_role("button", name="Check")).to_be_visible()
    expect(page.get_by_role("heading", name="Item 1 of 15")).to_be_focused()


def test_a_plan_is_made_followed_and_made_again_by_keyboard(visit: Open) -> None:
    page = visit("/plans/dated/", width=360)
    day = page.get_by_label("Day of the interview")
    make = page.get_by_role("button", name="Make the plan")

    enter(page, make)
    expect(page.get_by_role("alert")).to_have_text("Enter the day of your interview.")
    expect(day).to_be_focused()
    is_fine_in_both_schemes(page)
    page.keyboard.type("12202026")
    tab_to(page, page.get_by_label("Sunday"))
    page.keyboard.press("Space")
    enter(page, make)

    expect(page.get_by_role("heading", name="Until December 20, 2026")).to_be_focused()
    is_fine_in_both_schemes(page)
    assert page.locator(".plan-week").count() == 4
    assert page.locator(".plan-week tbody tr").count() == 24, "four weeks without their Sundays"
    first = page.locator(".plan-topic input").first
    name = first.get_attribute("aria-label") or ""
    tab_to(page, first)
    page.keyboard.press("Space")
    page.reload()
    expect(first).to_be_checked()
    assert len(stored(page)["topics"]) == 1

    page.clock.set_fixed_time(MORNING + datetime.timedelta(days=4))
    page.reload()
    behind = page.locator(".plan-behind")
    expect(behind).to_contain_text("You are behind by")
    expect(page.locator("tr[aria-current=date] th")).to_contain_text("Nov 26")
    is_fine_in_both_schemes(page)
    enter(page, page.get_by_role("button", name="Plan again from today"))
    expect(behind).to_be_empty()
    expect(page.locator(".plan-week th").filter(has_text="Nov 24")).to_have_count(0)
    assert page.get_by_label(name).count() == 0, "what is read is not planned again"

    with page.expect_download() as download:
        enter(page, page.get_by_role("button", name="Save as calendar file"))
    assert download.value.path().read_text().startswith("BEGIN:VCALENDAR\n")
    page.emulate_media(media="print")
    expect(make).to_be_hidden()
    expect(page.locator(".plan-week").first).to_be_visible()


READ = ("http-fundamentals", "http-methods")
PAST = {
    "schema": "backend-study-guide/state",
    "version": 1,
    "topics": {slug: {"at": 1, "read": 1} for slug in READ},
}


def test_the_map_says_what_is_read_due_and_next_and_leads_there_by_keyboard(
    visit: Open, built_site: ServedSite
) -> None:
    study = json.loads((built_site.folder / "practice" / "study.json").read_text())
    items = [item["id"] for item in study["items"] if item["topic"] == READ[1]][:2]
    queued = {id: {"at": 1, "queued": True} for id in items}
    page = visit("/topics/map/", {**PAST, "items": queued}, width=360, ready=".map-legend")

    http = page.locator("figure", has_text="HTTP and the network, what builds on what")
    names = [link.get_attribute("aria-label") for link in http.locator("svg a").all()]
    assert names == [
        "HTTP fundamentals, read",
        "HTTP methods, read, 2 items due",
        "HTTP status codes you must be able to defend, next",
        "From DNS lookup to HTTP/3, next",
        "TLS, HTTPS and network security, next",
    ]
    assert http.locator(".map-sign").count() == 6
    expect(page.locator(".tool")).to_contain_text("You have read 2 of")
    said = page.locator(".map-legend li").all_inner_texts()
    for word, explained in zip(("read", "next", "items due"), said, strict=True):
        assert word in explained, "the legend has the words that nodes carry"
        assert any(word in name for name in names)
    is_fine_in_both_schemes(page)

    http.get_by_role("button", name="Enlarge").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("link", name="HTTP methods, read, 2 items due")).to_be_visible()
    is_fine_in_both_schemes(page)
    page.keyboard.press("Escape")
    http.locator(".diagram__scroll").focus()
    enter(page, http.get_by_role("link", name="HTTP status codes"))
    expect(page).to_have_url(built_site.at("/http/http-status-codes/"))


def test_without_scripts_every_node_of_the_map_is_a_link(
    visit: Open, built_site: ServedSite
) -> None:
    page = visit("/topics/map/", java_script_enabled=False)

    expect(page.locator(".tool-waiting")).to_be_visible()
    page.locator("svg a[href$='/http/http-methods/']").first.click()
    expect(page).to_have_url(built_site.at("/http/http-methods/"))


def test_every_area_and_topic_is_a_node_of_the_map(built_site: ServedSite) -> None:
    html = (built_site.folder / "topics" / "map" / "index.html").read_text()
    links = LexborHTMLParser(html).css("figure svg a")
    places = {urljoin("/topics/map/", link.attributes["href"] or "") for link in links}
    study = json.loads((built_site.folder / "practice" / "study.json").read_text())

    assert places == {f"/{each['url']}" for each in [*study["areas"], *study["topics"]]}
    assert all((built_site.folder / place.strip("/") / "index.html").is_file() for place in places)
    for link in links:
        drawn = " ".join(link.text(separator=" ").split())
        assert (link.attributes["aria-label"] or "").startswith(drawn)
