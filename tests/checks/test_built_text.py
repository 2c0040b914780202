"""What readers see of a built page is text, enough of it, under a name of its own."""

from __future__ import annotations

import pytest

from small_site import POLICY, SmallSite


@pytest.mark.parametrize(
    ("html", "shown", "kind"),
    [
        ('<p>=== "Python"</p>', '=== "', "tab"),
        ("<p>!!! note</p>", "!!!", "admonition"),
        ("<p>???+ tip</p>", "???+", "details"),
        ("<p>::: module</p>", ":::", "directive"),
        ("<p>/// tab | Go</p>", "///", "block"),
        ("<p>```</p>", "```", "fence"),
        ("<p>~~~~ python</p>", "~~~~", "fence"),
        ("<p>Use `fetch` here</p>", "`fetch`", "code"),
        ("<p>Use `fetch here</p>", "`", "code"),
        ("<h2>Title { #id }</h2>", "{ #id }", "attribute list"),
        ("<p>Text {: .wide }</p>", "{: .wide }", "attribute list"),
        ("<p>Text {.wide}</p>", "{.wide}", "attribute list"),
        ("<p>See [the page](page.md) now</p>", "[the page](page.md)", "link"),
        ("<p>See [the <em>page</em>](page.md)</p>", "[the page](page.md)", "link"),
        ("<p>See [the page][ref] now</p>", "[the page][ref]", "link"),
        ("<p>![A photo</p>", "![", "image"),
        ("<p>This is **bold** text</p>", "**bold**", "bold text"),
        ("<p>**<code>x</code> and y**</p>", "**\ufffc and y**", "bold text"),
        ("<p>This is __bold__ text</p>", "__bold__", "bold text"),
        ("<p>--8&lt;-- file</p>", "--8<--", "snippet"),
        ("<p>- [x] done</p>", "- [x]", "task"),
        ("<ul><li>[ ] open</li></ul>", "[ ]", "task"),
        ("<p># Heading</p>", "#", "heading"),
        ("<p>| a | b |</p>", "| a | b |", "table"),
        ("<p>a | b<br>--- | ---</p>", "--- |", "table"),
        ("<p>&lt;!-- hidden</p>", "<!--", "comment"),
        ("<p>hidden --&gt;</p>", "-->", "comment"),
        ("<p>a&amp;nbsp;b</p>", "&nbsp;", "entity"),
    ],
)
def test_markdown_left_as_text_is_found(site: SmallSite, html: str, shown: str, kind: str) -> None:
    site.add(html)

    assert site.messages("raw-markdown") == [
        f"page/index.html:10: readers see `{shown}`: {kind} that was not rendered"
    ]


@pytest.mark.parametrize(
    "html",
    [
        "<p><code>a[0](x) **b** `c`</code></p>",
        '<pre>=== "Tab"\n# not a heading\n| a | b |</pre>',
        "<p><kbd>```</kbd> <samp>!!! note</samp></p>",
        "<svg><text>A --&gt; B</text></svg>",
        '<span class="filename">pkg/__init__.py</span>',
        "<p>Beside it: pkg/__init__.py.</p>",
        "<p>Wow!!! Really??? It is 2**3**2, a[i][j], item #1, R&amp;D; ::1 and file:///x.</p>",
        "<p>Either | or: call <code>f</code>[1] (see below) or [2] (above).</p>",
        "<p>A set {a, b}, JSON { } and a snake_case__name.</p>",
    ],
)
def test_code_and_prose_are_no_markdown(site: SmallSite, html: str) -> None:
    site.add(html)

    assert site.findings() == []


def test_the_line_is_the_one_the_text_stands_on(site: SmallSite) -> None:
    site.add("<p><code>**x**</code>\nsee &mdash;\n**x** there</p>")

    assert site.messages("raw-markdown") == [
        "page/index.html:12: readers see `**x**`: bold text that was not rendered"
    ]


def test_a_page_without_text_is_found(site: SmallSite) -> None:
    site.edit("These are more than fifteen words of text, which is what a page needs", "<!-- -->")

    assert site.messages("empty-page") == [
        "page/index.html:4: the page holds 8 words outside its headings, fewer than 15"
    ]


def test_headings_are_no_content(site: SmallSite) -> None:
    site.edit("<p>These are", "<h2>These are")
    site.edit("to be one.</p>", "to be one.</h2>")

    assert site.messages("empty-page") == [
        "page/index.html:4: the page holds 5 words outside its headings, fewer than 15"
    ]


def test_a_page_without_a_main_element_is_found(site: SmallSite) -> None:
    site.edit("<main>", "<div>")
    site.edit("</main>", "</div>")

    assert site.messages("empty-page") == [
        "page/index.html:1: the page has no main content: no `main` and no `article`"
    ]


def test_the_error_page_and_redirects_may_be_empty_and_nameless(site: SmallSite) -> None:
    start = f'<!doctype html><html lang="en"><head>{POLICY}'
    refresh = '<meta http-equiv="Refresh" content="0; url=../page/">'
    site.write("404.html", f"{start}</head><body></body></html>")
    site.write("old/index.html", f"{start}{refresh}</head><body></body></html>")

    assert site.findings() == []


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("<title>Page</title>", "", "1: the page has no title"),
        ("<title>Page</title>", "<title> </title>", "1: the page has no title"),
        ("Page</title>", "Home</title>", "2: index.html has the same title: Home"),
        ("All of it.", "", "1: the page has no description"),
        (
            "All of it.",
            "Where to begin.",
            "2: index.html has the same description: Where to begin.",
        ),
        ("<title>", "<title>A</title>\n<title>", "3: the page has 2 titles"),
        ('<h1 id="top">Page</h1>', '<p id="top"></p>', "1: the page has no heading of level 1"),
        ("</h1>", "</h1>\n<h1>More</h1>", "6: the page has 2 headings of level 1"),
    ],
)
def test_pages_have_one_name_each(site: SmallSite, old: str, new: str, message: str) -> None:
    site.edit(old, new)

    assert site.messages("page-identity") == [f"page/index.html:{message}"]


@pytest.mark.parametrize("new", ["<html>", '<html lang="">', '<html lang=" ">'])
def test_a_page_without_a_language_is_found(site: SmallSite, new: str) -> None:
    site.edit('<html lang="en">', new)

    assert site.messages("page-language") == [
        "page/index.html:2: the page does not say which language it is in"
    ]
