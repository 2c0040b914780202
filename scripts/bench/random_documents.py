"""Random study documents for Hypothesis: blocks of every kind, put together in every way.

Everything is drawn from short lists whose first entries are the plainest, so that what Hypothesis
shrinks to can be read: `# a`, `- a`, a single character that breaks something. A document is the
text of its blocks with a blank line (or none, as people write) between them.
"""

from __future__ import annotations

import textwrap

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

_WORDS = ("a", "cache", "index", "What", "is", "lock", "2", "ACID.", "why?", "x86", "don't")
_FOREIGN = ("é", "什么是", "缓存。", "قفل", "🚀", "“quoted”", "n–1", "e\u0301", "\u200b", "ﬁ")
_STRAY = (
    *"*_`<>[]()|#\\$~^:&!=+-{}@%\"'",
    "**",
    "__",
    "``",
    "]]",
    "](",
    "![",
    "&lt;",
    "\\*",
    "\\_",
    "\\|",
    "1.",
    "1)",
    "--8<--",
    "{{ x }}",
    "{ #x }",
    "[^1]",
    "$a_1$",
    ":rocket:",
    "<T>",
    "Map<K, V>",
    "snake__case",
    "$5",
    "==mark==",
    "~~gone~~",
    "H~2~O",
    "^up^",
)
_MARKED = (
    "`code`",
    "`` a`b ``",
    "`a|b`",
    "*soft*",
    "_soft_",
    "**strong**",
    "__strong__",
    "***both***",
    "[text](https://example.com/a)",
    '[text](https://example.com/b "Title")',
    "[text](https://example.com/c_(d))",
    "[text](<https://example.com/e f>)",
    "[text][ref]",
    "[ref]",
    "[`code`](#a)",
    "<https://example.com/auto>",
    "https://example.com/bare?a=1&b=2",
    "www.example.com",
    "me@example.com",
    "![image](https://example.com/i.png)",
    "![](gone.png)",
    "<br>",
    "<br/>",
    "<b>bold</b>",
    "<kbd>Ctrl</kbd>",
    "<span>",
    "</div>",
    "<!-- note -->",
    '<a name="here"></a>',
    "&nbsp;",
    "&copy;",
    "[[wiki]]",
)
_INFO = (
    "",
    "python",
    "js",
    "sql",
    "json",
    "mermaid",
    "Go",
    "c#",
    "bash title=x",
    "{.yaml}",
    "{ .http }",
    "text foo=bar",
    "nonsense",
    "java {1,3}",
)
_CODE = (
    "a = 1",
    "x",
    "",
    "    indented",
    "\ttab",
    "def f(): return 1",
    "SELECT 1;",
    '{"a": 1}',
    "GET / HTTP/1.1",
    "$ ls",
    "# comment",
    "graph LR",
    "  A --> B",
    "<div>",
    "- item",
    "| a | b |",
    "---",
    "/// tab | x",
    "&amp; \\* ``",
    "缓存 🚀",
    "trailing  ",
)

words = st.sampled_from(_WORDS)
atoms = st.one_of(
    words,
    words,
    st.sampled_from(_MARKED),
    st.sampled_from(_FOREIGN),
    st.sampled_from(_STRAY),
)


@st.composite
def inline(draw: st.DrawFn, most: int = 6) -> str:
    """One line of words, markup and stray characters, mostly with blanks between them."""
    parts = draw(st.lists(atoms, min_size=1, max_size=most))
    between = draw(st.sampled_from((" ", " ", " ", "")))
    return between.join(parts)


@st.composite
def paragraphs(draw: st.DrawFn) -> str:
    """One to three lines, some of which end in a hard break."""
    lines = draw(st.lists(inline(), min_size=1, max_size=3))
    ends = draw(st.sampled_from(("", "", "  ", "\\")))
    return f"{ends}\n".join(lines)


@st.composite
def headings(draw: st.DrawFn) -> str:
    """A heading of any level, in each of the ways in which people write them."""
    title = draw(inline(4))
    hashes = "#" * draw(st.integers(1, 6))
    forms = ("# {}", "# {} #", "#{}", "# {} { #own }", "**{}**", "{}\n===", "{}\n---")
    form = draw(st.sampled_from(forms))
    return form.replace("#", hashes, 1).replace("{}", title)


@st.composite
def fences(draw: st.DrawFn) -> str:
    """A fence of either kind, sometimes indented, sometimes never closed; or indented code."""
    lines = draw(st.lists(st.sampled_from(_CODE), max_size=4))
    mark = draw(st.sampled_from(("```", "````", "~~~", "indented", "unclosed")))
    if mark == "indented":
        return textwrap.indent("\n".join(["x", *lines]), "    ")
    info = draw(st.sampled_from(_INFO))
    if mark == "unclosed":
        return "\n".join([f"```{info}", *lines])
    return "\n".join([f"{mark}{info}", *lines, mark])


@st.composite
def tables(draw: st.DrawFn) -> str:
    """A table of two or three columns whose rows may lack a cell or have one too many."""
    width = draw(st.integers(2, 3))
    cells = st.one_of(words, inline(2), st.just(""))
    head = draw(st.lists(cells, min_size=width, max_size=width))
    rule = draw(st.lists(st.sampled_from(("---", ":-:", "--:")), min_size=width, max_size=width))
    rows = draw(st.lists(st.lists(cells, min_size=1, max_size=width + 1), max_size=3))
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, rule, *rows))


@st.composite
def html(draw: st.DrawFn) -> str:
    """HTML at the level of blocks: whole, around Markdown, or with an end missing."""
    text = draw(inline(3))
    form = draw(
        st.sampled_from(
            (
                "<div>{}</div>",
                "<details>\n<summary>{}</summary>\n\ninside\n\n</details>",
                "<details><summary>{}</summary>inside</details>",
                '<p align="center">\n{}\n</p>',
                "<div>\n\n{}\n\n</div>",
                "<details>\n\n{}",
                "<!-- {} -->",
                "<table><tr><td>{}</td></tr></table>",
                "<ul><li>{}</li></ul>",
                "<pre>{}</pre>",
                "<h2>{}</h2>",
                "<script>{}</script>",
                "<hr>{}",
            )
        )
    )
    return form.format(text)


@st.composite
def others(draw: st.DrawFn) -> str:
    """What only some flavors of Markdown know, and lines that stand alone."""
    text = draw(inline(3))
    form = draw(
        st.sampled_from(
            (
                "---",
                "***",
                "[^1]: {}",
                "[ref]: https://example.com/ref",
                '[unused]: <https://example.com/unused> "Title"',
                "!!! note\n    {}",
                '??? tip "Title"\n    {}',
                "> [!NOTE]\n> {}",
                '=== "Tab"\n\n    {}',
                ":::tip\n{}\n:::",
                "/// note | Title\n{}\n///",
                "$$\n{}\n$$",
                "Term\n: {}",
                "*[ABC]: {}",
                "[TOC]",
                "%% {} %%",
                "**Q: {}**\n\nA: answer",
                "1. **{}** answer",
                "\\newpage",
                "- [ ] {}",
                "{}",
            )
        )
    )
    return form.replace("{}", text)


@st.composite
def lists(draw: st.DrawFn, inside: SearchStrategy[str]) -> str:
    """A list of any marker whose items hold blocks; loose or tight, indented by two to four."""
    marker = draw(st.sampled_from(("-", "*", "+", "1.", "1)", "7.")))
    indent = draw(st.sampled_from((len(marker) + 1, 4)))
    between = draw(st.sampled_from(("\n", "\n\n")))
    items = []
    for content in draw(st.lists(st.lists(inside, min_size=1, max_size=2), min_size=1, max_size=3)):
        text = textwrap.indent(between.join(content), " " * indent).lstrip(" ")
        items.append(f"{marker} {text}")
    return between.join(items)


@st.composite
def quotes(draw: st.DrawFn, inside: SearchStrategy[str]) -> str:
    """A quotation of one or two blocks."""
    content = "\n\n".join(draw(st.lists(inside, min_size=1, max_size=2)))
    return textwrap.indent(content, "> ", lambda line: True)


leaves = st.one_of(paragraphs(), headings(), fences(), tables(), html(), others())
blocks = st.recursive(leaves, lambda inside: st.one_of(lists(inside), quotes(inside)), max_leaves=4)
"""Any block, lists and quotations nested."""


@st.composite
def documents(draw: st.DrawFn, most: int = 8) -> str:
    """A document of up to `most` blocks; it always holds a letter, so it is never empty."""
    parts = draw(st.lists(blocks, min_size=1, max_size=most))
    between = draw(st.sampled_from(("\n\n", "\n\n", "\n\n", "\n")))
    return f"{between.join(['a', *parts])}\n"
