"""No page, stylesheet or script makes the browser ask anyone but the site itself."""

from __future__ import annotations

import pytest

from small_site import SmallSite

OUTSIDE = "https://cdn.example/x"


def fetched(place: str) -> list[str]:
    return [f"{place}: the browser would fetch `{OUTSIDE}` from a third party"]


@pytest.mark.parametrize(
    "code",
    [
        f'import "{OUTSIDE}"',
        f'import {{ a }} from "{OUTSIDE}"',
        f'export * from "{OUTSIDE}"',
        f'await import("{OUTSIDE}")',
        f'fetch("{OUTSIDE}")',
        f"window.fetch(`{OUTSIDE}${{query}}`)",
        f'fetch("{OUTSIDE}" + query)',
        f'new Worker("{OUTSIDE}")',
        f'new Worker(new URL("{OUTSIDE}"))',
        f'importScripts("{OUTSIDE}")',
        f'image.src = "{OUTSIDE}"',
        f'image.setAttribute("src", "{OUTSIDE}")',
        f'request.open("GET", "{OUTSIDE}")',
        f'navigator.sendBeacon("{OUTSIDE}", data)',
        f'new EventSource("{OUTSIDE}")',
        f'new window.WebSocket("{OUTSIDE}")',
    ],
)
def test_requests_of_scripts_are_found(site: SmallSite, code: str) -> None:
    site.write("assets/a.js", f"// first line\n{code}")

    assert site.messages("third-party") == fetched("assets/a.js:2")


@pytest.mark.parametrize(
    "code",
    [
        f'// fetch("{OUTSIDE}")',
        f'/*! licence: import "{OUTSIDE}" */',
        f'link.href = "{OUTSIDE}"',
        f'window.open("{OUTSIDE}", "_blank")',
        f'element.setAttribute("href", "{OUTSIDE}")',
        'document.createElementNS("http://www.w3.org/2000/svg", "svg")',
        f'"fetch(\\"{OUTSIDE}\\")"',
        'fetch("../data.json")',
        'fetch("https://example.org/guide/assets/b.svg")',
    ],
)
def test_mentions_of_a_url_in_scripts_are_no_requests(site: SmallSite, code: str) -> None:
    site.write("assets/a.js", code)

    assert site.findings() == []


def test_an_inline_script_is_read_like_a_file(site: SmallSite) -> None:
    site.add(f'<script>\nvar a = 1 < 2;\nfetch("{OUTSIDE}")</script>')

    assert site.messages("third-party", "content-security") == fetched("page/index.html:12")


def test_data_in_a_script_element_is_no_script(site: SmallSite) -> None:
    site.add(f'<script type="application/json">{{"a": "fetch({OUTSIDE})"}}</script>')

    assert site.findings() == []


def test_a_module_that_is_not_in_the_site_is_found(site: SmallSite) -> None:
    site.write("assets/a.js", 'import { b } from "./b.js"')

    assert site.messages("built-target") == [
        "assets/a.js:1: `./b.js` leads to assets/b.js, which is not in the site"
    ]


def test_an_inline_stylesheet_may_not_reach_outside(site: SmallSite) -> None:
    site.add(f"<style>\np {{ background: url('{OUTSIDE}') }}</style>")

    assert site.messages("third-party", "content-security") == fetched("page/index.html:11")


def test_a_style_attribute_may_not_reach_outside(site: SmallSite) -> None:
    site.add(f'\n<p style="background: url({OUTSIDE})">x</p>')

    assert site.messages("third-party", "content-security") == fetched("page/index.html:11")


def test_a_comment_in_a_stylesheet_requests_nothing(site: SmallSite) -> None:
    site.write("assets/a.css", f"/* from\nurl({OUTSIDE}) */\n@import '{OUTSIDE}';")

    assert site.messages("third-party") == fetched("assets/a.css:3")
