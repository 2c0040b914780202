"""The sitemap, the search index and robots.txt know every page, and none that is not there."""

from __future__ import annotations

import json

import pytest

from small_site import URL, SmallSite

EVERYTHING = ("", "page/", "page/#top")


def index(site: SmallSite, *locations: str) -> None:
    docs = {"places": [[each, "T", 0, 0, 0, 0] for each in locations]}
    site.write("search/search_index.json", json.dumps({"config": {}, "docs": docs}))


def test_a_complete_site_is_quiet(site: SmallSite) -> None:
    index(site, *EVERYTHING)
    site.write("robots.txt", f"User-agent: *\nSitemap: {URL}sitemap.xml\n")

    assert site.findings() == []


@pytest.mark.parametrize(
    ("old", "new", "messages"),
    [
        (
            "<url><loc>https://example.org/guide/page/</loc></url>\n",
            "",
            ["sitemap.xml:1: the sitemap does not list page/index.html"],
        ),
        (
            "<url><loc>https://example.org/guide/</loc></url>\n",
            "<url><loc>https://example.org/guide/</loc></url>\n"
            "<url><loc>https://example.org/guide/gone/</loc></url>\n",
            [
                "sitemap.xml:4: the sitemap lists https://example.org/guide/gone/, but "
                "gone/index.html does not exist"
            ],
        ),
        (
            "guide/page/</loc></url>",
            "guide/page/</loc></url>\n<url><loc>https://example.org/guide/page/</loc></url>",
            ["sitemap.xml:5: the sitemap lists https://example.org/guide/page/ twice"],
        ),
        (
            "https://example.org/guide/page/",
            "http://127.0.0.1:8000/page/",
            [
                "sitemap.xml:1: the sitemap does not list page/index.html",
                "sitemap.xml:4: the sitemap lists http://127.0.0.1:8000/page/, which is not under "
                "https://example.org/guide/",
            ],
        ),
        (
            "</urlset>",
            "",
            ["sitemap.xml:6: the sitemap is no XML: no element found: line 6, column 0"],
        ),
    ],
)
def test_the_sitemap_lists_exactly_the_pages(
    site: SmallSite, old: str, new: str, messages: list[str]
) -> None:
    site.edit(old, new, "sitemap.xml")

    assert site.messages("site-complete") == messages


def test_a_site_has_a_sitemap(site: SmallSite) -> None:
    (site.root / "sitemap.xml").unlink()

    assert site.messages("site-complete") == ["sitemap.xml:1: the site has no sitemap"]


def test_a_page_kept_from_search_engines_is_not_in_the_sitemap(site: SmallSite) -> None:
    site.edit("<title>", '<meta name="robots" content="noindex"><title>')

    assert site.messages("site-complete") == [
        "sitemap.xml:4: the sitemap lists https://example.org/guide/page/, but page/index.html is "
        "kept from search engines"
    ]


@pytest.mark.parametrize(
    ("locations", "message"),
    [
        (("",), "the search finds nothing of page/index.html"),
        (
            (*EVERYTHING, "gone/"),
            "a search result leads to `gone/`, which is no page of the site",
        ),
        (
            (*EVERYTHING, "page/#topp"),
            "a search result leads to `page/#topp`: page/index.html has no id `topp`",
        ),
    ],
)
def test_the_search_index_leads_to_every_page_and_nowhere_else(
    site: SmallSite, locations: tuple[str, ...], message: str
) -> None:
    index(site, *locations)

    assert site.messages("site-complete") == [f"search/search_index.json:1: {message}"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("<title>", '<meta name="site-search" content="exclude"><title>'),
        ("<main>", "<main data-search-exclude>"),
        ('<h1 id="top">', '<h1 id="top" data-search-exclude>'),
    ],
)
def test_a_page_that_says_so_need_not_be_found(site: SmallSite, old: str, new: str) -> None:
    site.edit(old, new)
    index(site, "")

    assert site.findings() == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{\n"docs": [}', "2: the search index is no JSON: Expecting value"),
        ("[]", "1: the search index has no list `docs.places`"),
        ('{"docs": {"places": [[7]]}}', "1: a place of the search index has no location"),
    ],
)
def test_an_unreadable_search_index_is_found(site: SmallSite, text: str, message: str) -> None:
    site.write("search/search_index.json", text)

    assert site.messages("site-complete") == [f"search/search_index.json:{message}"]


def test_robots_txt_names_the_sitemap_of_this_site(site: SmallSite) -> None:
    site.write("robots.txt", "User-agent: *\nSitemap: http://127.0.0.1:8000/sitemap.xml\n")

    assert site.messages("site-complete") == ["robots.txt:1: robots.txt does not name the sitemap"]
