"""With the theme's instant navigation, which swaps pages without a reload, everything works on.

The published site leaves it off: a page of its own each is fast enough. Forks may switch it on.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

OFF, ON = '"navigation.tracking"', '"navigation.instant","navigation.tracking"'
CORS, CSRF = "CORS and the same-origin policy", "CSRF, SameSite and fetch metadata"


@pytest.fixture
def page(built_site, chromium):
    """The topic page about CORS with the switch on; any other page is swapped in by clicks."""
    errors = []
    with chromium.new_context(reduced_motion="reduce") as context:
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("pageerror", lambda error: errors.append(str(error)))

        def switch_on(route):
            response = route.fetch()
            body = response.text()
            assert OFF in body
            route.fulfill(response=response, body=body.replace(OFF, ON, 1))

        page.route(built_site.at("/assets/javascripts/theme.js"), switch_on)
        page.goto(built_site.at("/security/cors/"))
        page.evaluate("window.swaps = 0; window.document$.subscribe(() => window.swaps++)")
        yield page
        assert page.evaluate("window.swaps"), "the page was loaded anew"
        policy = page.locator("meta[http-equiv='Content-Security-Policy']")
        expect(policy).to_have_count(1)
    assert errors == []


def follow(page, link, title):
    """Click a link; the page that it leads to is swapped in, to its last part."""
    before = page.evaluate("window.swaps")
    link.click()
    page.wait_for_function("before => window.swaps > before", arg=before)
    expect(page.locator(".md-content h1")).to_contain_text(title, timeout=15_000)


def tab(page, name):
    return page.locator(".md-tabs__link", has_text=name)


def to_csrf(page):
    follow(page, page.locator("article a[href$='csrf/']").last, CSRF)


def to_review(page):
    follow(page, tab(page, "Practice"), "Review")


def to_cors(page):
    follow(page, tab(page, "Topics"), "Topics")
    follow(page, page.locator("article a[href$='security/cors/']").first, CORS)


def listeners(page):
    """How many listeners the window, the document and the body have."""
    session = page.context.new_cdp_session(page)
    numbers = []
    for thing in ("window", "document", "document.body"):
        found = session.send("Runtime.evaluate", {"expression": thing})["result"]["objectId"]
        held = session.send("DOMDebugger.getEventListeners", {"objectId": found})["listeners"]
        numbers.append(len(held))
    session.detach()
    return numbers


def test_quiz_and_self_test_work_on_a_page_that_was_swapped_in(page):
    to_csrf(page)
    page.get_by_role("switch", name="Hide answers").check()
    expect(page.locator("p.answer--depth").first).to_be_hidden()
    quiz = page.locator("form.quiz").first
    quiz.locator("input").first.check()
    quiz.get_by_role("button", name="Check").click()
    expect(quiz.locator(".quiz-result")).not_to_be_empty()
    page.go_back()
    expect(page.locator(".md-content h1")).to_contain_text(CORS)
    expect(page.get_by_role("switch", name="Hide answers")).to_be_checked()


def test_a_tool_starts_on_a_page_that_was_swapped_in_and_search_goes_on(page):
    to_review(page)
    expect(page.get_by_role("heading", name="Due now")).to_be_visible()
    page.get_by_role("button", name="Start").click()
    expect(page.locator("[data-item]")).to_be_visible()
    to_cors(page)
    page.wait_for_timeout(200)  # the theme closes its search 125 ms after each swap
    page.keyboard.press("/")
    page.keyboard.type("put vs patch")
    page.locator(".md-search-result__item").first.wait_for()
    page.keyboard.press("Enter")
    expect(page.locator(".md-content h1")).to_contain_text("HTTP methods")


def test_listeners_do_not_pile_up(page):
    counts = []
    for _ in range(3):
        to_csrf(page)
        to_review(page)
        expect(page.get_by_role("heading", name="Due now")).to_be_visible()
        to_cors(page)
        page.keyboard.press("Shift")  # after a first sign nothing waits for one
        page.locator(".topic-read").wait_for(state="attached")
        counts.append(listeners(page))
    assert min(counts[0]) > 0
    assert counts[2] == counts[1] == counts[0]
