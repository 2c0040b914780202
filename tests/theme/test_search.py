"""The search index loads when the reader reaches for search, and only then."""

from __future__ import annotations

import json

import pytest

pytestmark = pytest.mark.browser


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
    page.goto(found.evaluate("link => link.href"))
    assert "several origins" in page.locator("h3#cors-many-origins").text_content()


def test_quiz_options_and_reasons_are_not_in_the_index(built_site):
    index = json.loads((built_site.folder / "search" / "search_index.json").read_text("utf-8"))
    (item,) = [e for e in index["docs"] if e["location"] == "security/cors/#cors-blocked-post"]
    assert "text/plain POST" in item["title"]
    assert item["text"] == ""


def test_typing_offers_a_completion(visit, topic):
    page = visit(topic)
    page.keyboard.press("/")
    page.keyboard.type("preflig")
    page.locator(".md-search-result__item").first.wait_for()
    page.keyboard.press("h")
    page.wait_for_function("document.querySelector('.md-search__suggest').textContent.length > 8")
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
