"""Harmless edits: what a careful author writes every day. No tool may report anything."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence

from defects.links import to
from defects.registry import harmless
from defects.tree import Injection, Page, Tree, add_sentence, choose, insert_block

RFC = "https://www.rfc-editor.org/rfc/rfc9110"

_SENTENCES: dict[str, tuple[str, ...]] = {
    "new-sentence": (
        "A server that is slow at noon is slow for a reason.",
        "Measure it before you believe it.",
    ),
    "external-link": (f"The [definition]({RFC}#section-9.2.1) is short.",),
    "autolink": (f"It is published at <{RFC}>.",),
    "link-title": (f'The [definition]({RFC} "RFC 9110") is short.',),
    "link-parenthesis": (
        "See [idempotence](https://en.wikipedia.org/wiki/Idempotence_(computing)).",
    ),
    "link-code-text": (f"The [`Allow`]({RFC}#field.allow) header lists them.",),
    "mail-link": ("Write to [the editor](mailto:editor@example.org).",),
    "code-looks-like-link": (
        "In Markdown `[text](missing.md)` makes a link.",
        "Write `[x](y)` or `[x][y]`, not `[x] (y)`.",
        "A `![](picture.png)` has no alternative text.",
    ),
    "code-looks-like-attributes": ("End it with `{ #id }` or `{ .core }`.",),
    "code-looks-like-html": ("An `<img src=x onerror=alert(1)>` runs a script, `<!--` does not.",),
    "code-looks-like-include": ('An include is `--8<-- "http/missing.py"`.',),
    "code-with-backtick": ("A fence starts with `` ``` `` and `` ` `` quotes code.",),
    "code-with-url": ("Point the client at `http://localhost:8080/` or `www.shop.test`.",),
    "code-with-todo": ("A linter may look for `TODO` and `FIXME`.",),
    "math-like": (
        "The cost is a*b*c, or 2 * n * n in the worst case.",
        "It takes n_1 + n_2 steps.",
    ),
    "arrows": ("Client → proxy → server, and back ←.", "It goes A -> B => C."),
    "emoji": ("It works 🎉 and stays fast 🚀.",),
    "entity": ("AT&amp;T, 3 &lt; 4 and a&nbsp;space.", "A price of 5 &euro; or &#8364;5."),
    "ampersand": ("Search & filter, R&D, a < b and c > d.",),
    "quotes": ("He said \"no\" and 'yes'.", "She wrote “curly” and it’s fine."),
    "foreign-words": ("A naïve façade, a Zürich café, größer, 日本語, Ελλάδα and русский.",),
    "accents": ("The author is José Ángel Peña of São Paulo.",),
    "brackets-in-text": ("An optional part [like this] is common, and so is (this).",),
    "asterisk-list-in-text": ("Use `*` or a plain \\* in text.",),
    "money": ("It costs $5 a month, or $50 a year.",),
    "dashes": ("The 1990–2000 decade, 10 – 20 ms, and e.g. 3–4 retries.",),
    "at-sign": ("Use @cache on a function and #1 in a list of priorities.",),
    "doubled-word-valid": ("All that that rule had had to say was said.",),
    "here-in-text": ("Click here is a poor link text, and so is this one.",),
    "lorem-in-code": ("The body is `lorem ipsum` in the tests.",),
    "long-line": ("A very long line " + "that goes on and on " * 30 + "and ends.",),
    "strikeout-tilde": ("It takes ~5 ms, sometimes ~50.",),
    "emphasis": ("It is *very* important, **really**, and ***truly*** so.",),
    "colon-start": ("Note: this is a sentence with a colon at its start.",),
    "path-in-text": ("The file /etc/hosts and C:\\Windows are paths.",),
    "kbd": ("Press <kbd>Ctrl</kbd> and <kbd>C</kbd>.",),
}

_BLOCKS: dict[str, tuple[tuple[str, ...], ...]] = {
    "new-paragraph": (
        ("Queues hide a slow consumer until they are full.", "Then everyone learns of it at once."),
    ),
    "python-fence": (("```python", "total = sum([1, 2, 3])", "print(total)", "```"),),
    "go-fence": (("```go", "func total(a, b int) int {", "\treturn a + b", "}", "```"),),
    "javascript-fence": (("```javascript", "const total = [1, 2].length;", "```"),),
    "sql-fence": (("```sql", "SELECT id, total FROM orders WHERE total > 10;", "```"),),
    "json-fence": (("```json", '{"id": 42, "tags": ["a", "b"], "note": null}', "```"),),
    "yaml-fence": (("```yaml", "services:", "  api:", "    image: shop/api:1.2", "```"),),
    "http-fence": (("```http", "GET /orders/42 HTTP/1.1", "Host: api.shop.test", "", "```"),),
    "bash-fence": (("```bash", "curl -s https://api.shop.test/orders | head", "```"),),
    "text-fence": (("```text", "TODO <<<<<<< [x](y) {{ odd", "```"),),
    "console-fence": (("```console", "$ echo hello", "hello", "```"),),
    "tilde-fence": (("~~~text", "plain", "~~~"),),
    "titled-fence": (('``` { .python title="client.py" }', "print(1)", "```"),),
    "highlighted-fence": (('``` { .python hl_lines="2" }', "a = 1", "print(a)", "```"),),
    "fence-of-markdown": (("````markdown", "```python", "print(1)", "```", "````"),),
    "diagram": (
        (
            "```mermaid",
            "flowchart LR",
            "  accTitle: From producer to consumer",
            "  accDescr: The producer writes to a queue from which the consumer reads.",
            "  P[Producer] --> Q[Queue]",
            "  Q --> C[Consumer]",
            "```",
        ),
    ),
    "table": (
        ("| Choice | You pay |", "|---|---|", "| Queue | Delay |", "| Call | Coupling |"),
        ("| Choice | Cost |", "|:---|---:|", "| `a \\| b` | 1 |", "| Call |  |"),
    ),
    "list": (("- One reason", "- Another reason", "- A third one"),),
    "numbered-list": (("1. First", "2. Second", "3. Third"),),
    "nested-list": (("- Outer", "    - Inner", "    - Inner again", "- Outer again"),),
    "fence-in-list": (("1. Send it:", "", "    ```text", "    hello", "    ```", "", "2. Wait."),),
    "paragraph-in-list": (("1. Send it.", "", "    It may take a while.", "", "2. Wait."),),
    "note-block": (("/// note | By the way", "A remark in a block.", "///"),),
    "warning-block": (("/// warning | Mind", "A remark in a block.", "", "- with a list", "///"),),
    "details-block": (("/// details | More", "Hidden at first.", "///"),),
    "quote": (("> A short quote.", ">", "> With two paragraphs."),),
    "html-comment": (("<!-- A remark for editors: [x](missing.md) -->",),),
    "definition-list": (("Latency", ":   The time one request takes."),),
    "reference-link": (("The [definition][rfc] is short.", "", f"[rfc]: {RFC}"),),
    "tab-set": (
        (
            "In two languages:",
            "",
            "/// tab | Python",
            "",
            "```python",
            "print(1)",
            "```",
            "",
            "///",
            "",
            "/// tab | Go",
            "",
            "```go",
            "func f() {}",
            "```",
            "",
            "///",
            "",
            "Both do nothing.",
        ),
    ),
}


def _sentence(variants: Sequence[str]) -> Callable[[random.Random, Tree], Injection]:
    return lambda rng, tree: add_sentence(rng, tree.topics, rng.choice(variants))


def _block(variants: Sequence[tuple[str, ...]]) -> Callable[[random.Random, Tree], Injection]:
    def inject(rng: random.Random, tree: Tree) -> Injection:
        # Blocks of their own go where prose explains: an answer has a fixed form of its parts.
        explaining = [_explaining(page) for page in tree.topics]
        return insert_block(rng, explaining, *rng.choice(variants))

    return inject


for _name, _texts in _SENTENCES.items():
    harmless(_name)(_sentence(_texts))
for _name, _lines in _BLOCKS.items():
    harmless(_name)(_block(_lines))


@harmless("internal-link")
def internal_link(rng: random.Random, tree: Tree) -> Injection:
    """A correct link to another page."""
    target = rng.choice(tree.topics)
    return add_sentence(
        rng,
        tree.topics,
        lambda page: f"It has [a page of its own]({to(page, target.file.removeprefix('docs/'))}).",
    )


@harmless("internal-anchor")
def internal_anchor(rng: random.Random, tree: Tree) -> Injection:
    """A correct link to a heading of another page."""
    target, (_, match) = choose(
        rng, tree.topics, lambda each: each.find(r"\{ #(?P<id>[\w-]+)", "heading")
    )

    def link(page: Page) -> str:
        return f"See [there]({to(page, target.file.removeprefix('docs/'))}#{match['id']})."

    return add_sentence(rng, tree.topics, link)


@harmless("generated-link")
def generated_link(rng: random.Random, tree: Tree) -> Injection:
    """A correct link to a generated page."""
    target = rng.choice(("glossary.md", "topics/a-z.md", "questions.md"))
    return add_sentence(rng, tree.pages, lambda page: f"The [index]({to(page, target)}) lists it.")


@harmless("image")
def image(rng: random.Random, tree: Tree) -> Injection:
    """A correct image with a text."""
    return add_sentence(
        rng,
        tree.topics,
        lambda page: (
            f"![The home page with its search]({to(page, 'assets/images/screenshot.png')})"
        ),
    )


@harmless("reworded-sentence")
def reworded(rng: random.Random, tree: Tree) -> Injection:
    """A sentence of a paragraph is worded differently."""

    def spots(page: Page) -> list[tuple[int, re.Match[str]]]:
        return page.find(r"(?<=[a-z] )(?:only|also|often|never|usually|always) ", "prose")

    page, (row, match) = choose(rng, tree.topics, spots)
    line = page.lines[row][: match.start()] + page.lines[row][match.end() :]
    return Injection(page.file, page.edited(row, line), row + 1, f"without {match[0]}")


@harmless("new-subsection")
def new_subsection(rng: random.Random, tree: Tree) -> Injection:
    """A subsection with an id of its own at the end of "How it works"."""

    def ends(page: Page) -> list[int]:
        return [page.lines.index("## In code")] if "## In code" in page.lines else []

    page, row = choose(rng, tree.topics, ends)
    number = rng.randrange(10_000)
    block = (f"### What else counts {number} {{ #else-{number} }}", "", "A sentence on it.", "")
    return Injection(page.file, page.edited(row, *block, page.lines[row]), row + 1, block[0])


@harmless("comment-above-section")
def comment_above(rng: random.Random, tree: Tree) -> Injection:
    """A comment for editors above a section."""
    page, (row, _) = choose(rng, tree.topics, lambda each: each.find(r"^## ", "heading"))
    text = page.edited(row, "<!-- Reviewed twice. -->", "", page.lines[row])
    return Injection(page.file, text, row + 1, "comment")


@harmless("paragraph-rewrapped")
def rewrapped(rng: random.Random, tree: Tree) -> Injection:
    """A paragraph is written on one line."""
    page, (start, end) = choose(
        rng, tree.topics, lambda each: [span for span in each.paragraphs() if span[0] < span[1]]
    )
    text = page.edited(start, " ".join(page.lines[start : end + 1]), until=end)
    return Injection(page.file, text, start + 1, "one line")


@harmless("sentence-removed")
def sentence_removed(rng: random.Random, tree: Tree) -> Injection:
    """A bonus point of a question is removed."""
    page, (row, _) = choose(rng, tree.topics, lambda each: each.find(r"^- \*\*Bonus:\*\*", "list"))
    return Injection(page.file, page.edited(row), row + 1, "one bonus less")


@harmless("code-comment")
def code_comment(rng: random.Random, tree: Tree) -> Injection:
    """A comment in a Python example."""
    names = [
        name
        for name, text in tree.texts.items()
        if "/code/" in name and name.endswith(".py") and "[start:" in text
    ]
    page = Page.of(name := rng.choice(names), tree.texts[name])
    row = next(index for index, line in enumerate(page.lines) if "[start:" in line)
    return Injection(name, page.edited(row, page.lines[row], "# A remark."), row + 2, "comment")


@harmless("glossary-term")
def glossary_term(rng: random.Random, tree: Tree) -> Injection:
    """A new term at its place in the glossary."""
    page = tree.data("glossary.yml")
    rows = page.find(r'^- term: "(?P<term>.*)"$')
    row, match = rng.choice(rows[1:])
    topic = next(line for line in page.lines[row:] if line.startswith("  topic:"))
    # A term that sorts just before its neighbor, so that alphabetical order holds.
    term = f"{match['term'][:-1]}{chr(ord(match['term'][-1]) - 1)}z"
    entry = (f'- term: "{term}"', '  definition: "A term made up for a test."', topic)
    return Injection(page.file, page.edited(row, *entry, page.lines[row]), row + 1, term)


def _explaining(page: Page) -> Page:
    """`page` with only the sections before the questions open for new blocks."""
    end = page.lines.index("## Interview questions")
    start = next(row for row, line in enumerate(page.lines) if line.startswith("## "))
    kinds = tuple(
        kind if start < row < end or kind != "prose" else "block"
        for row, kind in enumerate(page.kinds)
    )
    return Page(page.file, page.lines, kinds)
