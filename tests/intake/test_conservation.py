"""Nothing is lost between a document and its pages, and what is lost is named."""

from __future__ import annotations

import time

import pytest

from guide.intake.model import Change, Source
from guide.intake.reporting.conservation import SHOWN, Conservation, conserve


def account(
    document: str, *pages: str, changes: tuple[Change, ...] = (), front: str | None = None
) -> Conservation:
    return conserve(Source("notes", document, "", "utf-8", front), pages, changes)


def missing(result: Conservation) -> dict[str, tuple[str, ...]]:
    kinds = {
        "words": result.words,
        "code": result.code_lines,
        "links": result.links,
        "cells": result.table_cells,
    }
    return {name: kept.missing for name, kept in kinds.items() if kept.lost}


def gone(before: str, after: str = "") -> Change:
    return Change("changed", "a-pass", 1, "something", before, after)


DOCUMENT = """\
# Caching notes

A cache keeps copies. A copy may be stale, see [the RFC](https://example.com/rfc_(9111)#x).

| Strategy | Reads |
|----------|-------|
| Cache-aside | the application |
| Read-through | the cache |

```python
value = cache.get(key)
if value is None:
    value = load(key)
```
"""


def test_a_document_that_is_its_own_output_is_whole() -> None:
    result = account(DOCUMENT, DOCUMENT)
    assert result.whole
    counted = (result.words, result.code_lines, result.links, result.table_cells)
    assert [(kept.source, kept.output, kept.report, kept.lost) for kept in counted] == [
        (42, 42, 0, 0),
        (3, 3, 0, 0),
        (1, 1, 0, 0),
        (6, 6, 0, 0),
    ]


@pytest.mark.parametrize(
    ("cut", "expected"),
    [
        ("stale", {"words": ("stale",)}),
        ("A copy may", {"words": ("A", "copy", "may")}),
        ("notes", {"words": ("notes",)}),
        (
            "    value = load(key)\n",
            {"words": ("key", "load", "value"), "code": ("    value = load(key)",)},
        ),
        (
            "(https://example.com/rfc_(9111)#x)",
            {
                "words": ("9111", "com", "example", "https", "rfc", "x"),
                "links": ("https://example.com/rfc_(9111)#x",),
            },
        ),
        (
            "the application",
            {"words": ("application", "the"), "cells": ("the application",)},
        ),
        (
            "| Read-through | the cache |\n",
            {"words": ("Read", "cache", "the", "through"), "cells": ("Read-through", "the cache")},
        ),
    ],
)
def test_what_is_cut_from_the_output_is_named(
    cut: str, expected: dict[str, tuple[str, ...]]
) -> None:
    assert DOCUMENT.count(cut) == 1
    assert missing(account(DOCUMENT, DOCUMENT.replace(cut, ""))) == expected


@pytest.mark.parametrize(
    ("document", "page", "expected"),
    [
        ("one two two\n", "one two\n", {"words": ("two",)}),
        ("Cache cache\n", "cache cache\n", {"words": ("Cache",)}),
        ("缓存存\n", "缓存\n", {"words": ("存",)}),
        ("कि की\n", "कि क\n", {"words": ("की",)}),
        (
            "```\nx\nx\n```\n",
            "```\nx\n```\n\nx\n",
            {"code": ("x",)},
        ),
        ("```\na == b\n```\n", "```\na = b\n```\n", {"code": ("a == b",)}),
        ("```\nif a:\n    b\n```\n", "```\nif a:\nb\n```\n", {"code": ("    b",)}),
        ("x\n\n    indented\n", "x\n\nindented\n", {"code": ("indented",)}),
        ("- a\n\n  ```\n  x = 1\n  ```\n", "- a\n\n  x = 1\n", {"code": ("x = 1",)}),
        ("[a](#b) [c](#b)\n", "[a](#b) c b\n", {"links": ("#b",)}),
        ("[a](x.md)\n", "a x md\n", {"links": ("x.md",)}),
        ("![a](x.png)\n", "a x png\n", {"links": ("x.png",)}),
        ("https://a.example/b\n", "https a example b\n", {"links": ("https://a.example/b",)}),
        ('<a href="x.md">a</a>\n', "a x md\n", {"links": ("x.md",)}),
        ("[a]\n\n[a]: x.md\n", "a x md\n", {"links": ("x.md",)}),
        (
            "[a](x.md)\n\n```\n[b](x.md)\n```\n",
            "a x md\n\n```\n[b](x.md)\n```\n",
            {"links": ("x.md",)},
        ),
        (
            "| a | b |\n|---|---|\n| ✅ | ❌ |\n",
            "| a | b |\n|---|---|\n| ✅ | ✅ |\n",
            {"cells": ("❌",)},
        ),
        (
            "<table><tr><th>a</th></tr><tr><td>b</td></tr></table>\n",
            "| a |\n| - |\n\nb\n",
            {"cells": ("b",)},
        ),
        ("`<div>` holds\n", "holds\n", {"words": ("div",)}),
        ("List<String> x\n", "List x\n", {"words": ("String",)}),
        ('<img alt="A queue" src="q.png">\n', "![](q.png)\n", {"words": ("A", "queue")}),
        ("```js\nx\n```\n", "```\nx\n```\n", {"words": ("js",)}),
        ("3 queues\n\n1. a\n2. b\n3. c\n", "queues\n\n1. a\n2. b\n3. c\n", {"words": ("3",)}),
        ("```\nopen\nlost line\n", "```\nopen\n```\n\nlost\n\nline\n", {"code": ("lost line",)}),
        ("### 12. What?\n", "### What?\n", {"words": ("12",)}),
        ("a[^1]\n\n[^1]: The note.\n", "a\n", {"words": ("The", "note")}),
        ("<!-- hidden -->\n", "\n", {"words": ("hidden",)}),
    ],
)
def test_a_loss_is_named(document: str, page: str, expected: dict[str, tuple[str, ...]]) -> None:
    assert missing(account(document, page)) == expected


@pytest.mark.parametrize(
    ("document", "page"),
    [
        ("Title\n=====\n\nPart\n----\n", "# Title\n\n## Part\n"),
        ("* a\n* b\n", "- a\n- b\n"),
        ("3) a\n3) b\n\n  10. c\n", "1. a\n2. b\n\n    1. c\n"),
        ("- [X] done\n", "- [x] done\n"),
        ("|a|b|\n|:-|-:|\n|1|  x  y|\n", "| a   | b   |\n| :-- | --: |\n| 1   | x y |\n"),
        ("a | b\n--|--\n1 | 2\n", "| a | b |\n| - | - |\n| 1 | 2 |\n"),
        ("| a | `a|b` |\n|---|---|\n", "| a | `a\\|b` |\n|---|---|\n"),
        ("| `a\\|b` | __c__ |\n|---|---|\n", "| `a\\|b` | **c** |\n|---|---|\n"),
        (
            "| a | b |\n|---|---|\n| <b>c</b><br/>d | e |\n",
            "| a | b |\n|-|-|\n| **c**<br>d | e |\n",
        ),
        ("> | a | b |\n> |---|---|\n> | c | d |\n", "| a | b |\n|---|---|\n| c | d |\n"),
        (
            "| Question | Answer |\n|---|---|\n| What is a queue? | A line. |\n",
            "### What is a queue?\n\nA line.\n\nQuestion Answer\n",
        ),
        (
            "<table><tr><th>a</th><th>b</th></tr>"
            "<tr><td>1 &lt; 2</td><td><i>x</i></td></tr></table>",
            "| a | b |\n| - | - |\n| 1 &lt; 2 | *x* |\n",
        ),
        ("costs \\$5 \\& a\\_b\n", "costs $5 & a_b\n"),
        ("“don’t” – it’s\n", "\"don't\" -- it's\n"),
        ("a &amp; b &lt;c&gt; caf&eacute; &#x63;\n", "a & b \\<c> café c\n"),
        ("cafe\u0301 co\u00adoperate\n", "café cooperate\n"),
        ("\tcode\n\t\tmore\n", "```\ncode\n    more\n```\n"),
        ("one two\nthree four\n", "one two three\nfour\n"),
        ("<summary>8. What?</summary>\n", "8. What?\n"),
        ("```md\n```js\nx\n```\n", "````md\n```js\nx\n```\n````\n"),
        ("a<br/>b<BR>c\n", "a<br>b<br>c\n"),
        (
            "__x__ and _y_ *z* un*frigging*believable\n",
            "**x** and *y* _z_ un*frigging*believable\n",
        ),
        ("snake__case and a\\_b\\_c\n", "snake__case and a_b_c\n"),
        ('<p align="center"><b>x</b> <i>y</i></p>\n', "**x** *y*\n"),
        ('pre<span class="c">fix</span>\n', "prefix\n"),
        ("<pre><code>a &lt; b</code></pre>\n", "```\na < b\n```\n"),
        ("[a](https://e.com/x_(y)_z)\n", "[a](<https://e.com/x_(y)_z>)\n"),
        ('[a](https://e.com?x=1&amp;y=2 "T")\n', '[a](<https://e.com?x=1&y=2> "T")\n'),
        (
            "see https://e.com/a, or (https://e.com/b).\n",
            "see <https://e.com/a>, or (<https://e.com/b>).\n",
        ),
        ("&lt;https://e.com/a&gt; b\n", "&lt;https://e.com/a> b\n"),
        ("[a](https://e.com/b, c\n", "\\[a\\](<https://e.com/b>, c\n"),
        ("www.e.com\n", "[www.e.com](https://www.e.com)\n"),
        ("<me@e.com>\n", "<me@e.com>\n"),
        (
            "[text][Some Ref], [some ref][], [other]\n\n"
            "[some ref]: https://e.com 'T'\n[other]: <x y.md>\n",
            '[text](https://e.com "T"), [some ref](https://e.com "T"), [other](<x y.md>)\n',
        ),
        ('<a href="https://e.com">x</a>\n', "[x](https://e.com)\n"),
        ("<img src='a b.png' alt='c' width=20>\n", "![c](<a b.png>)\n"),
        (
            "a[^n] b[^n]\n\n[^n]: Said.\n",
            "a [note 1](#note-1) b [note 1](#note-1)\n\n### Note 1\n\nSaid.\n",
        ),
        ("a ``b ` c`` d\n", "a ``b ` c`` d\n"),
        ("a ` b <b>c</b>\n\nd ` e\n", "a \\` b **c**\n\nd \\` e\n"),
        ("1. 1. a\n", "1. &nbsp;\n\n    1. a\n"),
        ("[[Page]]s\n", "Pages\n"),
        ("*[ABC]: <kbd>x</kbd>\n", "- ABC: <kbd>x</kbd>\n"),
        ("| a |\n| - |\n| ==b== ✓ |\n", "| a |\n| --- |\n| <mark>b</mark> ✓ |\n"),
        ("~~~\na\n~~~\n", "```\na\n```\n"),
        ("1. x\n   ```sh\n   a\n     b\n   ```\n", "1. x\n\n    ```sh\n    a\n      b\n    ```\n"),
        ("> ```\n> a\n>   b\n> ```\n", "```\na\n  b\n```\n"),
        ("```\n> a\n```\n", "```\n> a\n```\n"),
        ("    a\n\n      b\n", "```\na\n\n  b\n```\n"),
        ('!!! note "T"\n\n    Text.\n', "/// note | T\nText.\n///\n"),
        ('=== "Tab"\n\n    Text.\n', "/// tab | Tab\nText.\n///\n"),
        ("- a\n\n    text\n\n        code\n", "- a\n\n    text\n\n    ```\n    code\n    ```\n"),
        (
            "```\nnever closed\n# Heading\n- <b>item</b>\n",
            "```\nnever closed\n```\n\n# Heading\n\n- **item**\n",
        ),
    ],
)
def test_another_spelling_of_the_same_is_no_loss(document: str, page: str) -> None:
    result = account(document, page)
    assert missing(result) == {}
    assert result.whole


def test_what_is_split_over_pages_is_whole() -> None:
    first, second = DOCUMENT.split("| Strategy", 1)
    assert account(DOCUMENT, first, f"| Strategy{second}").whole


def test_front_matter_is_found_in_front_matter_or_in_the_report() -> None:
    front = 'title: "Queues"\ndate: 2025-12-14\n'
    page = '---\ntitle: "Queues"\n---\n\n# Queues\n'
    assert missing(account("# Queues\n", page, front=front)) == {
        "words": ("12", "14", "2025", "date")
    }
    assert account("# Queues\n", page, front=front, changes=(gone("date: 2025-12-14"),)).whole


def test_words_of_the_body_are_not_found_in_front_matter() -> None:
    page = "---\ntitle: Lost\n---\n\nkept\n"
    assert missing(account("Lost kept\n", page)) == {"words": ("Lost",)}


@pytest.mark.parametrize(
    ("document", "page", "before"),
    [
        ("**Answer**: yes\n", "yes\n", "**Answer**:"),
        ("## Contents\n\n- [A](#a)\n", "", "## Contents\n\n- [A](#a)"),
        ("[A](#a)\n", "[A](b.md#c)\n", "#a"),
        ("![x](data:a,b)\n", "x\n", "data:a,b"),
        ("| a | b |\n|---|---|\n| c | d |\n", "| a | b |\n|---|---|\n", "| c | d |"),
        (
            "| a | b |\n|---|---|\n| fast :rocket: | c |\n",
            "| a | b |\n|---|---|\n| fast 🚀 | c |\n",
            ":rocket:",
        ),
        ("```mermaid\nA --> B:::big\n```\n", "```mermaid\nA --> B\n```\n", ":::big"),
        ("```mermaid\nA\n  style A fill:#f00\n```\n", "```mermaid\nA\n```\n", "style A fill:#f00"),
        ("a | b\n--|--\n1 | 2\n", "### 1\n\n2\n", "a b"),
        ("```\nx\n## Old part\n", "```\nx\n```\n", "Old part"),
        ("```\nQ1: What?\nA: this\n", "```\n```\n\n## What?\n\nA: this\n", "Q1:"),
        ("```js\nx\n```\n", "```javascript\nx\n```\n", "js"),
    ],
)
def test_what_is_reported_is_accounted_for(document: str, page: str, before: str) -> None:
    assert not account(document, page).whole
    result = account(document, page, changes=(gone(before),))
    assert missing(result) == {}
    kinds = (result.words, result.code_lines, result.links, result.table_cells)
    assert sum(kept.report for kept in kinds) > 0
    assert all(kept.source == kept.output + kept.report for kept in kinds)


def test_a_word_that_stays_in_a_changed_text_is_not_accounted_for_twice() -> None:
    change = gone("Q1: What is a queue", "What is a queue")
    page = "## What is a queue\n"
    assert account("## Q1: What is a queue\n", page, changes=(change,)).whole
    assert missing(account("## Q1: What is a queue\n\nqueue\n", page, changes=(change,))) == {
        "words": ("queue",)
    }


def test_a_cell_that_differs_by_more_than_its_report_is_lost() -> None:
    head = "| a | b |\n|---|---|\n"
    result = account(
        f"{head}| fast :rocket: | c |\n", f"{head}| slow 🚀 | c |\n", changes=(gone(":rocket:"),)
    )
    assert missing(result) == {"words": ("fast",), "cells": ("fast :rocket:",)}


def test_of_many_losses_all_are_counted_and_some_named() -> None:
    words = account(" ".join(f"word{number:03}" for number in range(200)), "").words
    assert words.lost == 200
    assert words.missing == tuple(f"word{number:03}" for number in range(SHOWN))


@pytest.mark.parametrize(
    "text",
    [
        "`" * 100_000,
        "\\`" * 50_000,
        " ".join("`" * number for number in range(400)),
        "[" * 100_000,
        "](" * 50_000,
        "](a(b" * 20_000,
        "<a href='" * 10_000,
        "<table " * 10_000,
        "<td>" * 20_000,
        "> " * 50_000,
        "- + " * 25_000,
        "|-" * 50_000,
        "a|\n|-\n" * 10_000,
        "&amp;" * 20_000,
        "[a]: " * 20_000,
        "\\" * 100_000,
        " " * 100_000 + "|",
        "```\n~~~\n" * 10_000,
        "x" * 1_000_000,
    ],
    ids=range(19),
)
def test_hostile_text_is_counted_at_once(text: str) -> None:
    start = time.process_time()
    assert account(text, text).whole
    account(text, "")
    assert time.process_time() - start < 30
