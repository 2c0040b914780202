"""The search index loads when the reader reaches for search, and only then."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect


def requested(page):
    """Names of the files that the page has asked for so far."""
    entries = page.evaluate("performance.getEntriesByType('resource').map(entry => entry.name)")
    return [name.rpartition("/")[2] for name in entries]


def test_reading_a_page_fetches_neither_index_nor_worker(visit, topic):
    page = visit(topic)
    page.mouse.wheel(0, 2000)
    page.wait_for_timeout(300)
    assert "search_index.json" not in requested(page)
    assert not [name for name in requested(page) if name.startswith("search.")]


@pytest.mark.parametrize("path", ["/", "/security/cors/", "/no/such/page/"])
def test_the_search_key_loads_the_index_once_and_finds_pages(visit, path):
    page = visit(path)
    page.keyboard.press("/")
    page.keyboard.type("preflight")
    result = page.locator(".md-search-result__item a").first
    result.wait_for()
    assert "/security/cors/" in (result.get_attribute("href") or "")
    assert requested(page).count("search_index.json") == 1


def test_a_question_is_found_by_its_words_and_opens_at_its_answer(visit):
    page = visit("/")
    page.keyboard.press("/")
    page.keyboard.type("allow several origins with credentials")
    found = page.locator(".md-search-result__item a[href*='#cors-many-origins']").first
    found.wait_for(state="attached")
    place = found.locator(".search-place").text_content()
    assert place == "Question · CORS and the same-origin policy · Application security · advanced"
    page.goto(found.evaluate("link => link.href"))
    assert "several origins" in page.locator("h3#cors-many-origins").text_content()


def test_typing_offers_a_completion(visit, topic):
    page = visit(topic)
    page.keyboard.press("/")
    page.keyboard.type("preflig")
    page.locator(".md-search-result__item").first.wait_for()
    page.keyboard.press("h")
    page.wait_for_function(
        "() => document.querySelector('.md-search__suggest').textContent.length > 8"
    )
    assert page.locator(".md-search__suggest").text_content().startswith("preflight")


def test_a_shared_search_opens_with_its_results(visit):
    page = visit("/?q=preflight")
    page.locator(".md-search-result__item").first.wait_for()
    assert page.locator("[data-md-component=search-query]").input_value() == "preflight"
    share = page.locator("[data-md-component=search-share]").get_attribute("href")
    assert share.endswith("/?q=preflight")


def test_a_followed_result_is_highlighted(visit):
    page = visit("/security/cors/?h=preflight")
    mark = page.locator(".md-content mark[data-md-highlight]").first
    mark.wait_for(state="attached")
    assert mark.text_content().lower() == "preflight"


def test_the_number_of_results_is_announced(visit, topic):
    page = visit(topic)
    page.keyboard.press("/")
    page.keyboard.type("preflight")
    page.locator(".md-search-result__item").first.wait_for()
    assert "matching document" in page.get_by_role("status").first.text_content()


def test_a_result_is_reached_and_opened_by_the_keyboard_alone(visit):
    page = visit("/")
    page.keyboard.press("/")
    page.keyboard.type("put vs patch")
    page.locator(".md-search-result__item").nth(1).wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    second = page.evaluate("document.activeElement.href")
    page.keyboard.press("ArrowUp")
    first = page.evaluate("document.activeElement.href")
    assert first != second
    page.keyboard.press("Enter")
    page.wait_for_url("**/http/http-methods/**")


def test_enter_opens_the_best_result(visit):
    page = visit("/")
    page.keyboard.press("/")
    page.keyboard.type("idempotancy keys")
    best = page.locator(".md-search-result__link").first  # of the whole query, not of its beginning
    expect(best).to_have_attribute("href", re.compile("/apis/idempotency/"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/apis/idempotency/**")


def test_pasted_text_is_searched_without_a_key(visit):
    page = visit("/")
    page.keyboard.press("/")
    page.keyboard.type("zzzzzz")
    expect(page.locator(".md-search-result__meta")).to_have_text(re.compile("No matching"))
    page.locator("[data-md-component=search-query]").fill("preflight")  # as a mouse would paste it
    page.locator(".md-search-result__item").first.wait_for()


def test_escape_closes_the_search(visit, topic):
    page = visit(topic)
    page.keyboard.press("/")
    page.keyboard.type("preflight")
    page.locator(".md-search-result__item").first.wait_for()
    page.keyboard.press("Escape")
    assert not page.locator("#__search").is_checked()


@pytest.mark.parametrize("query", ["<img src=x onerror=alert(1)>", "*", "   ", "\\", "é" * 200])
def test_odd_queries_do_no_harm(visit, query):
    page = visit("/")
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("dialog", lambda dialog: errors.append(dialog.message))
    page.keyboard.press("/")
    page.keyboard.type(query)
    page.keyboard.press("Control+a")
    page.keyboard.type("preflight")
    page.locator(".md-search-result__item").first.wait_for()
    assert errors == []


def test_results_fit_a_narrow_phone(visit):
    page = visit("/security/cors/", width=360)
    page.locator("label[for=__search]").first.click()
    page.locator("[data-md-component=search-query]").fill("access-control-allow-origin wildcard")
    page.locator(".md-search-result__item").first.wait_for()
    widths = page.locator(".md-search-result__item").evaluate_all(
        "items => items.map(item => item.getBoundingClientRect().right)"
    )
    assert max(widths) <= 360
