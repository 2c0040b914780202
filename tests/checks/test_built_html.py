"""The HTML of the built site is valid where readers and their tools rely on it."""

from __future__ import annotations

import pytest

from small_site import SmallSite


@pytest.mark.parametrize(
    ("html", "message"),
    [
        ('<p id="a" id="b">x</p>', "an attribute occurs twice; browsers drop the second"),
        ("<p>x</section>", "`</section>` closes an element that is not open here"),
        (
            "<section><div>x</section>",
            "`</section>` comes while an element inside it is still open",
        ),
        ("<p>1 < 2</p>", "a bare `<` that starts no tag"),
        ("<p>a&nbspb</p>", "a character reference without its semicolon"),
        ('<p id="a"class="b">x</p>', "two attributes without a space between them"),
        ("<p><b><i>x</b></i></p>", "elements overlap, or one is closed that is not open"),
        (
            "<table><tr>x</tr></table>",
            "content between the cells of a table; browsers move it in front of the table",
        ),
        ("<table><form></form></table>", "form element not allowed in table context"),
        ("<h2>x<h3>y</h3>", "`<h3>` may not stand here"),
    ],
)
def test_parse_errors_are_explained(site: SmallSite, html: str, message: str) -> None:
    site.add(html)

    assert f"page/index.html:10: {message}" in site.messages("html-valid")


def test_a_parse_error_names_the_column_of_its_tag(site: SmallSite) -> None:
    site.add("<p>x</b></p>")

    (finding,) = site.findings()

    assert (finding.line, finding.column) == (10, 5)
    assert finding.hint == "close elements in the reverse order of opening them"


def test_a_page_without_a_doctype_is_found(site: SmallSite) -> None:
    site.edit("<!doctype html>\n", "")

    assert site.messages("html-valid") == [
        "page/index.html:1: the page does not begin with `<!doctype html>`; browsers fall back to "
        "old layout rules"
    ]


def test_an_element_left_open_is_found(site: SmallSite) -> None:
    site.add("<p>y</p>")
    site.edit("</main>", "</main><section>")

    assert site.messages("html-valid") == ["page/index.html:11: `<section>` is never closed"]


@pytest.mark.parametrize(
    ("html", "message"),
    [
        (
            '<button type="button"><a href="#top">x</a></button>',
            "`<a>` inside `<button>`: one click, two meanings",
        ),
        (
            '<a href="#top"><span tabindex="0">x</span></a>',
            "`<span>` inside `<a>`: one click, two meanings",
        ),
        (
            '<img src="../assets/b.svg">',
            "the image `../assets/b.svg` has no alternative text",
        ),
        ('<label for="q">x</label>', "`for` names `q`, which is no id on the page"),
        (
            '<p aria-labelledby="top q">x</p>',
            "`aria-labelledby` names `q`, which is no id on the page",
        ),
        (
            '<button aria-controls="q">x</button>',
            "`aria-controls` names `q`, which is no id on the page",
        ),
        (
            '<p aria-describedby="q">x</p>',
            "`aria-describedby` names `q`, which is no id on the page",
        ),
        ("<center>x</center>", "`<center>` is obsolete"),
        ("<p><font>x</font></p>", "`<font>` is obsolete"),
        ("<div><li>x</li></div>", "`<li>` outside a list"),
        (
            "<table><thead><tr><th>a</th></tr></thead><tbody><tr><td>b</td><td>c</td></tr></tbody>"
            "</table>",
            "the row has 2 cells under 1 column headers",
        ),
    ],
)
def test_broken_rules_of_content_are_found(site: SmallSite, html: str, message: str) -> None:
    site.add(f"<p>before</p>\n{html}")

    assert site.messages("html-valid") == [f"page/index.html:11: {message}"]


@pytest.mark.parametrize(
    "html",
    [
        '<p><img src="../assets/b.svg" alt=""></p>',
        '<label for="q">x</label><input id="q" aria-describedby="top t">',
        "<label>x <input></label>",
        '<button type="button"><span>x</span></button>',
        '<a href="#top"><input type="hidden"></a>',
        "<ol><li>x<ul><li>y</li></ul></li></ol><menu><li>z</li></menu>",
        '<table><thead><tr><th colspan="2">a</th></tr></thead>'
        "<tbody><tr><td>b</td><td>c</td></tr><tr><td>b</td></tr></tbody></table>",
        "<table><tr><td>b</td><td>c</td></tr></table>",
    ],
)
def test_valid_html_is_quiet(site: SmallSite, html: str) -> None:
    site.add(html)

    assert site.findings() == []


def test_the_line_is_that_of_the_element_not_of_its_like_in_a_comment(site: SmallSite) -> None:
    site.add('<!-- <center> -->\n<p title="<center>">x</p>\n<center>y</center>')

    assert site.messages("html-valid") == ["page/index.html:12: `<center>` is obsolete"]
