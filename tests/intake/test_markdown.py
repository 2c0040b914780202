"""What the intake writes means the same to the site's renderer as the document meant to GitHub."""

from __future__ import annotations

import re
import time

import markdown
import pytest
from bs4 import BeautifulSoup
from markdown_it import MarkdownIt

from guide.intake.model import IntakeError
from guide.intake.reading.markdown import parse, render
from guide.library.site_config import read_site_config
from support import ROOT

COMMON = MarkdownIt("commonmark").enable(["table", "strikethrough"])


@pytest.fixture(scope="module")
def site() -> markdown.Markdown:
    return read_site_config(ROOT).markdown()


def written(text: str) -> str:
    return render(parse(text).blocks)


def meaning(html: str) -> str:
    """HTML without what the renderers write differently for the same thing."""
    soup = BeautifulSoup(html, "html.parser")
    for link in soup.select("a.headerlink"):
        link.decompose()
    for pre in soup.find_all("pre"):
        pre.string = pre.get_text().strip("\n")
    for wrapper in soup.select("div.highlight, li > p, dd > p, span"):
        wrapper.unwrap()
    for tag in soup.find_all(True):
        tag.name = "del" if tag.name == "s" else tag.name
        tag.attrs = {key: tag[key] for key in ("href", "src", "alt", "title") if tag.get(key)}
    text = re.sub(r"<!--.*?-->", "", str(soup)).replace("%20", " ")
    blocks = "ul|ol|li|p|h[1-6]|table|thead|tbody|tr|th|td|blockquote|pre|br|dl|dt|dd"
    return re.sub(rf"\s*(</?(?:{blocks})\b[^>]*>)\s*", r"\1", re.sub(r"\s+", " ", text)).strip()


CASES = {
    "bullets in bullets": "- a\n  - b\n    - c\n      - d\n- e",
    "bullets in numbers in bullets": "1. a\n   - b\n     1. c\n2. d",
    "a list that starts at 7": "7. a\n8. b",
    "numbers with parentheses": "1) a\n2) b",
    "a list right under a paragraph": "text\n- a\n- b",
    "a fence in an item": "- a\n\n  ```py\n  x = 1\n\n  y\n  ```\n- b",
    "a quotation in an item": "- a\n  > q\n  > - b\n- c",
    "a table in an item": "- a\n\n  | x | y |\n  | - | - |\n  | 1 | 2 |\n- b",
    "an image and a paragraph in an item": "1. ![a](b.png)\n\n   text\n2. x",
    "indented code in an item": "- a\n\n      code\n- b",
    "a loose list": "- a\n\n- b\n\n  c",
    "a tight list": "- a\n- b",
    "a tight list in a loose one": "- a\n\n  - x\n  - y\n\n- b",
    "text after a nested list": "- a\n  - x\n\n  tail\n- b",
    "two lists in an item": "- a\n  - x\n  1. y\n- b",
    "twelve items with nested ones": "\n".join(f"{n}. a\n    - x" for n in range(1, 13)),
    "two lists that follow each other": "- a\n- b\n\n* c",
    "numbers right under bullets": "- a\n\n1. b",
    "code with backticks and bars": "`` a`b `` and ``` `` ``` `a|b` `<b>&amp;`",
    "emphasis inside words": "foo*bar*baz **a**b *a **b** c* **a *b***",
    "underscores": "snake_case_name _it_ __b__ a _b_c_ d_ _e",
    "stars that mean times": "2 * 3 * 4 *a * b*  5*6*7",
    "emphasis next to punctuation": '**"a"** *(x)* **a:** b **`c`** d',
    "an autolink": "<https://a.com/x_y*z>",
    "targets with blanks and parentheses": r"[a](<b c.md>) [a](b\(c\).md) [a](b(c).md)",
    "brackets in a link's text": "[a [b] c](d.md) [`a`](b.md) [**b**](c.md)",
    "titles with quotation marks": '[x](y.md "t") [x](y.md \'t "q"\')',
    "references": "[a][r] [r] [R][]\n\n[r]: http://x.com 'T'",
    "images": '![a *b*](x.png "t") [![i](y.png)](z.md)',
    "headings with trailing marks": "# a #\n\n## C#\n\n### x \\#",
    "setext headings": "a\n===\n\nb\nc\n---",
    "a table with bars in code": "| a | b |\n|---|:-:|\n| `x\\|y` | z |\n| \\| | *q* |",
    "a table without some cells": "| a | b |\n|---|---|\n| 1 |\n| 2 | 3 |",
    "indented code": "    code\n\n    more\n\ntext",
    "a fence of tildes": "~~~py\nx\n~~~",
    "a fence in a fence": "````md\n```py\nx\n```\n````",
    "a fence in a quotation": "> a\n>\n> ```py\n> x\n>\n> y\n> ```\n> > b",
    "lists in a quotation": "> - a\n>   - b\n>\n> 1. c",
    "a lazy quotation": "> a\nlazy\n> b",
    "hard breaks": "a  \nb\\\nc",
    "escapes": r"\* \_ \# \< \& \$ \~ \" \: \! \[x\](y) \` \\ \{x} \| \= \^ \@",
    "entities": "&copy; &amp;lt; &lt;b> < a & b AT&T a<b",
    "lines that start like blocks": "a\n\\- b\n1\\. c\n\\# d\n\\+ e\n\\> f\n\\=== \n\\--- x\n\\: g",
    "struck text": "~~a~~ b",
    "braces that are no attributes": "a {id} {x}\n\n## GET {id}\n\nline\n{foo}\n\n`a`{b} **c**{d}",
    "brackets that are no links": "a[0] = b[i][j] [x] array[1]: x",
    "backslashes": r"C:\path\new a\b \\\\server",
    "bars in a paragraph": "a | b\nc | d",
    "HTML in a line": "a <kbd>x</kbd> b",
}


@pytest.mark.parametrize("text", CASES.values(), ids=CASES.keys())
def test_the_site_shows_what_the_document_means(text: str, site: markdown.Markdown) -> None:
    site.reset()
    assert meaning(site.convert(written(text))) == meaning(COMMON.render(text))


@pytest.mark.parametrize("text", CASES.values(), ids=CASES.keys())
def test_what_is_written_is_written_the_same_again(text: str) -> None:
    assert written(written(text)) == written(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("see https://a.com/x_y?a=b. Or", "see <https://a.com/x_y?a=b>. Or"),
        ("(www.x.com)", "([www.x.com](https://www.x.com))"),
        ("a@b.de", "<a@b.de>"),
        ("- [ ] a\n- [x] b", "- [ ] a\n- [x] b"),
        ("\\[ ] no box", "\\[ \\] no box"),
        ("-\n- b", "- &nbsp;\n- b"),
        ("- ```py\n  x\n  ```", "- &nbsp;\n\n    ```py\n    x\n    ```"),
        ("Term\n: what it is\n: or is", "Term\n:   what it is\n:   or is"),
        ("A\n\n: one\n\n  two\n\nB\n: b", "A\n:   one\n\n    two\n\nB\n:   b"),
        ("| a | b |\n|-|-|\n| `x || y` | c |", "| a | b |\n| --- | --- |\n"
         "| <code>x &#124;&#124; y</code> | c |"),
        ("| a | b |\n|-|-|\n| 1 | 2 | 3 |", "| a | b |  |\n| --- | --- | --- |\n| 1 | 2 | 3 |"),
        ("- | a |\n  |-|\n  | 1 | 2 |", "- &nbsp;\n\n    | a |  |\n"
             "    | --- | --- |\n    | 1 | 2 |"),
        ("| a | b |\n|-|-|\n| 1 | 2 |  |", "| a | b |\n| --- | --- |\n| 1 | 2 |"),
        ("www.a.com\\\nb", "[www.a.com](https://www.a.com)<br>\nb"),
        ("##Part", "## Part"),
        ("#Title", "# Title"),
        ("#hashtag #other", "\\#hashtag #other"),
        ("costs $5 and $10 in $HOME/$USER", "costs $5 and $10 in $HOME/$USER"),
        ("no note [^a] here", "no note \\[^a\\] here"),
    ],
)  # fmt: skip
def test_it_is_written_in_one_way(text: str, expected: str) -> None:
    assert written(text) == expected
    assert written(expected) == expected


def test_definition_lists_are_read_alike(site: markdown.Markdown) -> None:
    site.reset()
    html = meaning(site.convert(written("A\n: one\n\n  two\n\nB\n: b")))
    assert html == "<dl><dt>A</dt><dd>one two</dd><dt>B</dt><dd>b</dd></dl>"


@pytest.mark.parametrize(
    "text", [">" * 1000 + " a", "".join("  " * n + "- a\n" for n in range(99))]
)
def test_nesting_that_would_lose_text_is_an_error(text: str) -> None:
    with pytest.raises(IntakeError, match="30 deep"):
        parse(text)


def test_lines_count_from_the_first() -> None:
    blocks = parse("# A\n\n- a\n- b\n\ntext\n", first_line=5).blocks
    assert [(block.kind, block.line, block.end_line) for block in blocks] == [
        ("heading", 5, 5),
        ("bullet_list", 7, 8),
        ("paragraph", 10, 10),
    ]


def test_definitions_have_their_lines() -> None:
    [first, second] = parse("[a]\n\n[a]: b.md 'T'\n[a]: c.md\n").definitions
    assert (first.target, first.title, first.line, first.end_line) == ("b.md", "T", 3, 3)
    assert (second.target, second.line) == ("c.md", 4)


def test_a_paragraph_of_brackets_is_an_error() -> None:
    with pytest.raises(IntakeError, match=r"line 3 .* 100,000 opening brackets"):
        parse("a\n\n" + "[" * 100_000)


@pytest.mark.parametrize("text", [": " * 50_000, "$a " * 30_000, "\\( " * 30_000, "<a " * 30_000])
def test_a_long_paragraph_of_marks_is_read_in_seconds(text: str) -> None:
    started = time.process_time()
    parse(text)
    assert time.process_time() - started < 10
