"""Published HTML is smaller and shows the same."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import material
import pytest
from selectolax.lexbor import LexborHTMLParser

from guide.rendering.compact import COLORS, MARKED, PLAIN, compact
from support import ROOT

PRE = "<pre><span></span><code>{}</code></pre>"


def code(html: str) -> str:
    """What becomes of highlighted code, with quotes as in what it was made of."""
    before, after = PRE.split("{}")
    made = compact(PRE.format(html)).removeprefix(before).removesuffix(after)
    return re.sub(r"class=(\w+)", r'class="\1"', made)


def test_tokens_that_look_like_plain_text_are_plain_text() -> None:
    assert code('<span class="n">a</span><span class="w"> </span><span class="o">=</span>') == "a ="


def test_neighbors_of_one_color_share_one_element() -> None:
    tokens = '<span class="kd">def</span><span class="w"> </span><span class="k">if</span> x'
    assert code(tokens) == '<span class="k">def if</span> x'


def test_marked_lines_and_what_they_hold_stay() -> None:
    line = '<span class="hll"><span class="k">if</span> x\n</span>y'
    assert code(line) == '<span class="hll"><span class="k">if</span> x\n</span>y'


def test_the_text_of_code_stays_as_it_is() -> None:
    tokens = (
        '<span class="s2">&quot;a  b\n\n  c&lt;&quot;</span>\n    <span class="c1"># d</span>\n'
    )
    text = re.sub("<[^>]+>", "", code(tokens))
    assert unescape(text) == '"a  b\n\n  c<"\n    # d\n'


@pytest.mark.parametrize("around", ["p", "li", "td", "dd", "h2", "summary", "label", "a"])
def test_indentation_goes_and_words_stay_apart(around: str) -> None:
    html = f"<{around}>\n    a\n    <em>b</em>\n  <code>c</code>  d\n</{around}>"
    body = LexborHTMLParser(compact(f"<!doctype html><body>{html}</body>")).body
    assert body is not None
    assert body.text().strip() == "a b c d"


def test_what_html_can_do_without_goes() -> None:
    html = '<ul class="list">\n  <li><a href="x/">a</a></li>\n  <li title="b c">d</li>\n</ul>'
    assert compact(html) == '<ul class=list><li><a href=x/>a</a><li title="b c">d</ul>'


@pytest.mark.parametrize("tag", ["pre", "script", "style", "textarea"])
def test_blanks_that_mean_something_stay(tag: str) -> None:
    page = f"<{tag}>a\n    b\n\n  c</{tag}>"
    assert compact(page) == page


def test_what_is_compact_stays_as_it_is() -> None:
    page = (ROOT / "overrides" / "404.html").read_text("utf-8")
    assert compact(compact(page)) == compact(page)


def test_every_color_of_the_theme_is_kept_or_that_of_plain_text() -> None:
    """A token loses its element only if guide.css shows it like the text around it."""
    folder = Path(material.__file__).parent / "templates" / "assets" / "stylesheets"
    (sheet,) = folder.glob("main.*.min.css")
    rules = re.findall(
        r"((?:\.highlight \.\w+,?)+)\{color:var\((--md-code-hl-[\w-]+)\)", sheet.read_text()
    )
    ours = (ROOT / "docs/assets/stylesheets/guide.css").read_text("utf-8")
    theirs = {
        token: color
        for selectors, color in rules
        for token in re.findall(r"\.highlight \.(\w+)", selectors)
    }

    def is_plain(color: str) -> bool:
        return f"{color}: var(--guide-text);" in ours

    assert theirs.keys() == (COLORS.keys() | PLAIN) - MARKED - {"ow"} | ({"ow"} & theirs.keys())
    for token, color in theirs.items():
        if token in PLAIN:
            assert is_plain(color), token
        elif token != "ow":  # "and", "not" and so on: shown like the other words of the language
            assert not is_plain(color), token
            shared = theirs[COLORS[token]]
            assert re.search(rf"{color}: (.*);", ours)[1] == re.search(rf"{shared}: (.*);", ours)[1]
