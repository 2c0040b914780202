"""Markup that reaches the reader as text: found in what the renderer makes of the page."""

from __future__ import annotations

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser

from guide.checks.finding import Finding
from guide.checks.rule import PageRule
from guide.library import Page
from guide.library.masking import ESCAPE, mask_fences
from guide.library.page import PageReader

_HIDDEN = "code, pre, kbd, samp, script, style, svg, textarea, .headerlink"
_STRAY = (
    (r"`+", "a backtick", "close the inline code, or escape the backtick"),
    (r"~{3,}", "a row of tildes", "close the fence"),
    (r"\*\*", "two asterisks", "close the emphasis, without a space inside"),
    (r"(?<![\w*])\*(?=\w)|(?<=\w)\*(?![\w*])", "an asterisk", "close the emphasis, or escape it"),
    (r"(?<!\w)__(?=\S)|(?<=\S)__(?!\w)", "two underscores", "close the emphasis, or use code"),
    (r"\{:? ?[#.][\w-]", "an attribute list", "put it at the end of the heading or block"),
    (r"^/{3,}", "a line of slashes", "open and close blocks in pairs"),
    (r"--8<--", "an include", "write it on a line of its own"),
    (r"^#{1,6} ", "a heading mark", "put a blank line before it"),
    (r"^\|.*\|$", "a table row", "check the table's separator and blank lines"),
    (r"^[-*+] (?=\S)", "a list mark", "put a blank line before the list"),
    (r"^1[.)] (?=\S)", "a list number", "put a blank line before the list"),
    (r"(?<!\w)\[[ xX]\] ", "a check box", "check boxes stand at the start of list items"),
    (r"^>+ ", "a quotation mark of Markdown", "put a blank line before the quotation"),
)
_PATTERNS = tuple((re.compile(pattern, re.M), name, hint) for pattern, name, hint in _STRAY)


def check(page: Page, reader: PageReader) -> Iterator[Finding]:
    """Report marks that stand in the rendered text and, outside code, in the source."""
    try:
        html = reader.render(_without_code(page))
    except LookupError:  # reported as what it is by snippet-path
        return
    tree = LexborHTMLParser(html)
    for node in tree.css(_HIDDEN):
        node.decompose(recursive=True)
    text = tree.body.text(deep=True) if tree.body else ""
    lines = page.prose.split("\n")
    for pattern, name, hint in _PATTERNS:
        if not pattern.search(text) or _explained(page, name):
            continue
        left = {_words(line) for line in text.split("\n") if pattern.search(line)}
        previous = 0
        for number, line in enumerate(lines, page.body_line):
            margin = len(line) - len(line.lstrip(" >"))
            match = pattern.search(line[margin:])
            if match and any(_same(_words(line), words) for words in left):
                if number != previous + 1:  # one finding for a list or table, at its start
                    message = f"the page shows {name}: {line.strip()[:50]}"
                    column = margin + match.start() + 1
                    yield Finding(page.file, number, column, RULE.id, message, hint)
                previous = number


def _without_code(page: Page) -> str:
    """The page without fences, which take long to highlight, and without escaped characters,
    which look like markup when they are shown.
    """
    return ESCAPE.sub("·", mask_fences(page.body, page.fences, page.body_line))


def _explained(page: Page, name: str) -> bool:
    """Whether other rules already say why this mark shows."""
    return bool(
        (page.stray_blocks and name == "a line of slashes")
        or (page.strays and name in ("a backtick", "a row of tildes"))
    )


def _words(line: str) -> tuple[str, ...]:
    """The words of a line, without link targets; the line itself if it has none."""
    words = re.findall(r"[^\W_]+", re.sub(r"\]\([^()]*\)?", "]", line))
    return tuple(words) or (line.strip(),)


def _same(source: tuple[str, ...], shown: tuple[str, ...]) -> bool:
    """Whether a line shown may be a line of the source; markup may have taken some of it."""
    return set(shown) <= set(source) and 2 * len(shown) >= len(source)


RULE = PageRule("stray-markup", "shows no markup as text", check)
