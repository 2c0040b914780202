"""What a page is made of: its weight, its head, its facts, and the page for wrong addresses."""

from __future__ import annotations

import gzip
import re

import pytest

from axe import choose_scheme
from support import ROOT

PAGE_BUDGET = 120_000
"""Bytes of a whole topic page on its first visit, everything gzipped."""
REQUEST_BUDGET = 10
SHEETS = sorted(
    f"/sheets/{file.stem}/"
    for file in (ROOT / "docs" / "sheets").glob("*.md")
    if file.stem != "index"
)


@pytest.fixture
def loaded(built_site, chromium, topic):
    """URLs and bodies of everything that the topic page loads on a first visit."""
    with chromium.new_context(viewport={"width": 1280, "height": 900}) as context:
        page = context.new_page()
        responses = []
        page.on("response", lambda response: responses.append(response))
        page.goto(built_site.at(topic), wait_until="networkidle")
        return {response.url: response.body() for response in responses}


def test_a_topic_page_keeps_its_weight_and_request_budget(loaded):
    weight = sum(len(gzip.compress(body, 9)) for body in loaded.values())
    assert weight < PAGE_BUDGET
    assert len(loaded) <= REQUEST_BUDGET


def test_scripts_load_beside_the_style_sheet_and_run_when_the_page_is_whole(visit, topic):
    page = visit(topic)
    loaded_early = page.locator("head > script[src]")
    waited_for = page.locator("script[src]:not([defer], [type=module])")
    assert (loaded_early.count(), waited_for.count()) == (2, 0)


@pytest.mark.parametrize("path", ["/", "/topics/map/", "/404.html"])
def test_the_theme_is_told_where_the_site_begins(visit, built_site, path):
    page = visit(path)
    told = page.evaluate("JSON.parse(document.getElementById('__config').textContent)")
    assert told["base"] == built_site.url
    assert told["search"].startswith(built_site.url)
    assert "toc.follow" in told["features"]


def test_the_head_describes_the_page_and_names_no_generator(visit, built_site, topic):
    page = visit(topic)

    def content(name):
        return page.locator(f"meta[property='{name}']").get_attribute("content")

    title = page.locator("h1").first.evaluate("h1 => h1.firstChild.textContent.trim()")
    assert content("og:title") == title
    assert content("og:url") == built_site.at(topic)
    assert page.locator("link[rel=canonical]").get_attribute("href") == built_site.at(topic)
    assert content("og:image") == built_site.at("/assets/images/social-card.png")
    assert (built_site.folder / "assets/images/social-card.png").stat().st_size < 60_000
    assert page.locator("meta[name=generator]").count() == 0
    assert page.locator("html").get_attribute("lang") == "en"


def test_one_theme_color_follows_the_palette_switch(visit, topic):
    page = visit(topic, color_scheme="light")
    colors = page.locator("meta[name='theme-color']")
    assert [meta.get_attribute("content") for meta in colors.all()] == ["#fbfaf7"]


def test_the_switch_leads_from_the_system_to_light_to_dark_and_is_remembered(visit, topic):
    page = visit(topic, color_scheme="dark")
    shown = page.locator(".scheme label:not([hidden])")

    def scheme():
        return page.evaluate(
            """[document.body.dataset.mdColorScheme, document.documentElement.dataset.scheme,
                document.querySelector("meta[name=theme-color]").content]"""
        )

    dark, light = ["slate", "slate", "#14181c"], ["default", "default", "#fbfaf7"]
    assert scheme() == dark
    seen = []
    for _ in range(3):
        shown.click()
        seen.append(scheme())
    assert seen == [light, dark, dark]
    choose_scheme(page, "light")
    assert scheme() == light
    page.locator("[name=__palette]:checked").press("Enter")
    page.keyboard.press("Enter")
    assert scheme() == dark
    page.reload()
    assert scheme() == dark
    assert shown.count() == 1


def test_a_stored_scheme_that_is_none_is_that_of_the_system(visit, topic):
    nonsense = """localStorage.setItem(new URL("../..", location).pathname + ".__palette",
        JSON.stringify({ index: "length", color: { scheme: "<b>" } }))"""
    page = visit(topic, script=nonsense, color_scheme="dark")
    assert page.evaluate("document.body.dataset.mdColorScheme") == "slate"


def test_a_dark_system_never_sees_a_light_first_paint(visit, topic):
    """The scheme is set by a script in the header, before the theme's bundle runs."""
    at_header_end = """new MutationObserver((_, observer) => {
        if (!document.querySelector(".md-container")) return
        observer.disconnect()
        window.schemeAtFirstPaint = document.body.getAttribute("data-md-color-scheme")
    }).observe(document, { childList: true, subtree: true })"""
    page = visit(topic, script=at_header_end, color_scheme="dark")
    assert page.evaluate("window.schemeAtFirstPaint") == "slate"


def test_a_topic_shows_its_level_and_reading_time_under_the_title(visit, topic):
    page = visit(topic)
    facts = page.locator("h1 + .topic-facts")
    assert facts.locator(".level").text_content() in ("Foundation", "Core", "Advanced")
    assert "min read" in facts.text_content()


def test_a_page_that_is_no_topic_has_no_topic_facts(visit):
    assert visit("/topics/").locator(".topic-facts").count() == 0


def test_the_home_page_shows_the_guides_figures(visit):
    figures = visit("/").locator(".figures")
    assert figures.locator("dt").all_text_contents()[:4] == [
        "Topics written",
        "Areas complete",
        "Worked cases",
        "Interview questions",
    ]
    assert all(text[0].isdigit() for text in figures.locator("dd").all_text_contents())


def test_a_wrong_address_offers_a_search_for_its_words(visit, built_site):
    page = visit("/apis/preflight-request/")
    offer = page.locator(".not-found__search a")
    assert offer.text_content() == "Search the guide for preflight request"
    offer.click()
    page.locator(".md-search-result__item").first.wait_for()
    assert page.url.startswith(f"{built_site.url}?q=preflight")


def test_every_link_of_the_not_found_page_leads_somewhere(visit, built_site):
    page = visit("/deep/in/nowhere/")
    for link in page.locator(".not-found li a").all():
        url = link.evaluate("a => a.href")
        assert page.request.get(url).status == 200, url


def test_answers_and_every_tab_are_on_paper(visit, topic):
    page = visit(topic)
    page.emulate_media(media="print")
    page.wait_for_timeout(300)
    assert not page.locator(".md-header").is_visible()
    assert not page.locator(".md-footer").is_visible()
    assert all(block.is_visible() for block in page.locator(".tabbed-block").all())
    answers = page.locator(".quiz-answer > :not(summary)").all()
    assert answers
    assert all(answer.is_visible() for answer in answers)


def test_paper_is_white_also_from_the_dark_scheme(visit, topic):
    page = visit(topic, color_scheme="dark")
    page.emulate_media(media="print")
    colors = """[document.documentElement, document.body].map(element => {
        const { backgroundColor, colorScheme, color } = getComputedStyle(element)
        return [backgroundColor, colorScheme, color]
    })"""
    (canvas, root_scheme, _), (_, body_scheme, text) = page.evaluate(colors)
    assert (canvas, root_scheme, body_scheme) == ("rgb(255, 255, 255)", "light", "light")
    assert text == "rgb(0, 0, 0)"


@pytest.mark.parametrize("sheet", SHEETS)
def test_a_cheat_sheet_is_printed_on_two_pages_at_most(visit, sheet):
    pdf = visit(sheet).pdf(prefer_css_page_size=True, format="A4")
    assert 1 <= len(re.findall(rb"/Type /Page\b", pdf)) <= 2


@pytest.mark.parametrize("sheet", SHEETS)
def test_a_cheat_sheet_is_not_cut_at_the_edge_of_the_paper(visit, sheet):
    page = visit(sheet, width=700)
    page.emulate_media(media="print")
    assert not page.locator(".md-tabs").is_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 700


def test_robots_are_told_where_the_sitemap_is(built_site):
    robots = (built_site.folder / "robots.txt").read_text(encoding="utf-8")
    assert robots.splitlines() == [
        "User-agent: *",
        "Allow: /",
        f"Sitemap: {built_site.url}sitemap.xml",
    ]


def test_the_sitemap_lists_every_page_dated_by_review_or_commit(built_site):
    sitemap = (built_site.folder / "sitemap.xml").read_text(encoding="utf-8")
    pages = list(built_site.folder.rglob("index.html"))
    assert sitemap.count("<loc>") == len(pages)
    assert f"<loc>{built_site.url}security/cors/</loc>" in sitemap
    assert sitemap.count("<lastmod>") == len(pages)


def test_an_id_that_moved_leads_to_where_it_is_now(built_site, chromium):
    old, new = built_site.at("/security/cors/"), built_site.at("/http/http-methods/#pitfalls")
    moved = f'<ul class="moved"><li id="gone">This part moved: <a href="{new}">there</a></li></ul>'

    def with_moved_id(route):
        response = route.fetch()
        route.fulfill(response=response, body=response.text().replace("</article>", moved, 1))

    with chromium.new_context() as context:
        page = context.new_page()
        page.route(old, with_moved_id)
        page.goto(f"{old}#gone")
        page.wait_for_url(new)

        assert page.locator("#pitfalls").is_visible()
