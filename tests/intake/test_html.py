"""HTML becomes Markdown, a block of the guide or code: no word is lost, nothing is run."""

from __future__ import annotations

import time

import pytest

from guide.intake.markup.html import html
from intake_documents import changes, document, output


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<h2>Head</h2>", "## Head"),
        ("<p>a <b>b</b> <i>c</i> <kbd>K</kbd> H<sub>2</sub>O<br/>d</p>",
         "a **b** *c* <kbd>K</kbd> H<sub>2</sub>O<br>d"),
        ("<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>", "- a\n    - b\n- c"),
        ("<ol><li>a</li><li>b</li></ol>", "1. a\n2. b"),
        ('<pre><code class="language-sql">SELECT 1\n\n  &lt; 2\n</code></pre>',
         "```sql\nSELECT 1\n\n  < 2\n```"),
        ("<blockquote><p>said</p></blockquote>", "> said"),
        ('<div><img src="a b.png" alt="A" width="3"></div>', "![A](<a b.png>)"),
        ("<table><tr><th>A</th><th>B</th></tr><tr><td>1</td><td>2</td></tr></table>",
         "| A | B |\n| --- | --- |\n| 1 | 2 |"),
        ("<dl><dt>A</dt><dd>is b</dd></dl>", "A\n:   is b"),
        ("<div>a &lt;T&gt; b</div>", "a &lt;T> b"),
    ],
)  # fmt: skip
def test_whole_html_becomes_markdown(text: str, expected: str) -> None:
    assert output(html, text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a <b>b</b> <em>c</em> d", "a **b** *c* d"),
        ("a</div>b <span>c</span>d", "a b cd"),
        ("**a**<b>b</b>", "**a**<strong>b</strong>"),
        ("a<b>:</b>b", "a<b>:</b>b"),
        ("<b> a </b>", "<b> a </b>"),
        ("see <code>a*b</code>", "see `a*b`"),
        ('see <a href="x.md" title="t">the *x*</a>', 'see [the *x*](x.md "t")'),
        ('an <img src="x.png" alt="X"> b', "an ![X](x.png) b"),
        ("a <span class='x'>b</span> <font>c</font>", "a b c"),
        ("a<br/>b <kbd>K</kbd> <mark>m</mark>", "a<br>b <kbd>K</kbd> <mark>m</mark>"),
        ("a List<String> b", "a `List<String>` b"),
        ("a List<Map<String>> b", "a `List<Map<String>>` b"),
        ("Map<K,V>", "Map&lt;K,V>"),
        ("send <your-token> now", "send `<your-token>` now"),
        ('a <a href="javascript:x()">b</a>', 'a `<a href="javascript:x()">b</a>`'),
        ('a <span onclick="x()">b</span>', 'a `<span onclick="x()">b</span>`'),
        ("a </p> <b>c", "a c"),
        ("a <x-y>*b*</x-y>", "a `<x-y>`*b*`</x-y>`"),
        ("a <!-- note --> b", "a <!-- note --> b"),
        ("- a <b>b</b>\n\n> T<U>", "- a **b**\n\n> `T<U>`"),
        ("| a |\n| --- |\n| <b>x</b> |", "| a |\n| --- |\n| **x** |"),
    ],
)
def test_html_in_a_line_becomes_markdown_stays_or_is_code(text: str, expected: str) -> None:
    assert output(html, text) == expected


def test_wrappers_around_markdown_are_unwrapped() -> None:
    text = '<div align="center">\n\n# Title\n\n<p>in</p>\n\n</div>'

    assert output(html, text) == "# Title\n\nin"
    assert [change.before for change in changes(html, text)] == [
        '<div align="center">',
        "<p>in</p>",
        "</div>",
    ]


def test_details_become_blocks_that_nest() -> None:
    text = (
        "<details>\n<summary><b>What?</b></summary>\n\nA *b*.\n\n"
        "<details><summary>More</summary>\n\n- c\n\n</details>\n</details>\n\nafter"
    )

    assert output(html, text) == (
        "//// details | What?\n\nA *b*.\n\n/// details | More\n\n- c\n\n///\n\n////\n\nafter"
    )


def test_details_may_hold_html_only() -> None:
    text = "<details><summary>Q <code>x</code></summary><p>a</p><ul><li>b</li></ul></details>"

    assert output(html, text) == "/// details | Q `x`\n\na\n\n- b\n\n///"


def test_details_in_a_list_item_become_text_with_a_title() -> None:
    text = "- a\n\n  <details><summary>Q</summary>\n\n  b\n\n  </details>"

    assert output(html, text) == "- a\n\n    **Q**\n\n    b"


def test_details_in_a_quotation_stay_a_block() -> None:
    text = "> <details><summary>Q</summary>\n>\n> b\n>\n> </details>"

    assert output(html, text) == "> /// details | Q\n>\n> b\n>\n> ///"


def test_a_definition_inside_html_is_accounted_for() -> None:
    found = changes(html, "<!-- a\n\n[b]: c.md\n")

    assert [(change.kind, change.before) for change in found][-1:] == [("removed", "[b]: c.md")]


def test_details_without_an_end_lose_only_their_tag() -> None:
    assert output(html, "<details>\n\n# A\n\ntext") == "# A\n\ntext"


def test_a_table_that_markdown_cannot_show_stays() -> None:
    text = "<table>\n<tr><td rowspan=2>a</td>\n\n<td>b</td></tr>\n</table>"

    assert output(html, text) == "<table>\n<tr><td rowspan=2>a</td>\n<td>b</td></tr>\n</table>"
    assert [change.kind for change in changes(html, text)] == ["flagged"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<script>\nx()\n</script>", "```html\n<script>\nx()\n</script>\n```"),
        ("<iframe src=x></iframe>", "`<iframe src=x></iframe>`"),
        ("<p onclick='x'>hey</p>", "`<p onclick='x'>hey</p>`"),
        ("<your-token>", "`<your-token>`"),
        ("<!DOCTYPE html>", "`<!DOCTYPE html>`"),
        ("<?php\necho 1;\n?>", "```text\n<?php\necho 1;\n?>\n```"),
        (
            '<p><a href="java&#115;cript:x()">y</a></p>',
            '`<p><a href="java&#115;cript:x()">y</a></p>`',
        ),
        ("<my-element>\n<b>x\n", "```text\n<my-element>\nx\n```"),
    ],
)
def test_what_may_not_be_published_is_shown_as_code(text: str, expected: str) -> None:
    assert output(html, text) == expected
    assert "flagged" in {change.kind for change in changes(html, text)}


def test_comments_stay() -> None:
    assert output(html, "<!-- a -->\n\n<div>b</div>") == "<!-- a -->\n\nb"


def test_a_comment_without_an_end_hides_nothing() -> None:
    assert output(html, "<!-- a\n\n# B\n\nc") == "&lt;!-- a\n\n# B\n\nc"


def test_named_places_are_noted() -> None:
    done = html(document('a\n\n<a name="one"></a>b\n\n<h2 id="two">C</h2>'))

    assert dict(done.anchors) == {"one": 3, "two": 5}


@pytest.mark.parametrize(
    "text",
    [
        "<div>" * 5000 + "x" + "</div>" * 5000,
        "<div>\n\n" * 2000 + "x",
        "<details><summary>a</summary>\n\n" * 300,
        "<!-- a\n\n" * 2000,
        "a <b> " * 3000,
    ],
    ids=["deep", "open", "details", "comments", "in a line"],
)
def test_hostile_html_ends_in_seconds(text: str) -> None:
    started = time.process_time()
    html(document(text))
    assert time.process_time() - started < 10
