"""An HTML element or comment that is not closed swallows the text after it, or vanishes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.entities import html5
from itertools import pairwise

from guide.checks.finding import Finding
from guide.checks.rule import PageRule
from guide.library import Page, did_you_mean
from guide.library.masking import mask_fences, mask_inline_code
from guide.library.page import PageReader

_TAG = re.compile(
    r"<(?P<end>/?)(?P<name>[A-Za-z][\w-]*)(?P<rest>(?:\"[^\"]*\"|'[^']*'|[^<>\"'])*)>"
)
_ENTITY = re.compile(r"&(?P<name>[A-Za-z][A-Za-z0-9]*)(?:(?P<end>;)|(?=\s)(?<=&lt|&gt|amp|bsp))")
_COMMON = ("amp", "lt", "gt", "nbsp", "quot", "copy", "mdash", "ndash", "hellip", "times", "rarr")
_OPEN_TAG = re.compile(r"</?[A-Za-z][\w-]*(?:\s+[\w-]+=[^<>]*)?$")
_VOID = frozenset("area base br col embed hr img input link meta source track wbr".split())
_ELEMENTS = _VOID | frozenset(
    """
    a abbr address article aside audio b bdi bdo blockquote body button canvas caption cite code
    colgroup data datalist dd del details dfn dialog div dl dt em fieldset figcaption figure footer
    form h1 h2 h3 h4 h5 h6 head header hgroup html i iframe ins kbd label legend li main map mark
    math menu meter nav noscript object ol optgroup option output p picture pre progress q rp rt
    ruby s samp script search section select slot small span strong style sub summary sup svg table
    tbody td template textarea tfoot th thead time title tr u ul var video
    """.split()
)
_OPTIONAL_END = frozenset("p li dt dd tr td th thead tbody tfoot option".split())


def check(page: Page, reader: PageReader) -> Iterator[Finding]:
    """Report comments and elements without an end, ends without a start, unknown elements."""
    yield from _entities(page)
    if "<" not in page.body and "-->" not in page.body:
        return
    yield from _comments(page)
    yield from _half_tags(page)
    opened: list[tuple[str, int, int]] = []
    for match in _TAG.finditer(page.prose):
        name = match["name"].lower()
        if match["rest"].startswith((":", "@", ".")):  # an autolink
            continue
        line = page.prose.count("\n", 0, match.start()) + page.body_line
        column = match.start() - page.prose.rfind("\n", 0, match.start())
        if name not in _ELEMENTS:
            message = f"`{match[0]}` is no HTML element, so a browser hides it"
            hint = did_you_mean(name, _ELEMENTS) or "write it as inline code, or `&lt;`"
            yield Finding(page.file, line, column, RULE.id, message, hint)
        elif match["end"]:
            yield from _close(page, opened, name, line, column)
        elif name not in _VOID and not match["rest"].endswith("/"):
            opened.append((name, line, column))
    for name, line, column in opened:
        if name not in _OPTIONAL_END:
            yield _unclosed(page, name, line, column)


def _entities(page: Page) -> Iterator[Finding]:
    for number, line in enumerate(page.prose.split("\n"), page.body_line):
        for match in _ENTITY.finditer(line):
            if f"{match['name']};" not in html5:
                message = f"there is no character reference `{match[0]}`"
                hint = did_you_mean(match["name"], _COMMON) or "write `&amp;`, or the character"
            elif not match["end"]:
                message, hint = f"`{match[0]}` has no semicolon", f"write `{match[0]};`"
            else:
                continue
            yield Finding(page.file, number, match.start() + 1, RULE.id, message, hint)


def _half_tags(page: Page) -> Iterator[Finding]:
    lines = page.prose.split("\n")
    for number, (line, following) in enumerate(pairwise([*lines, ""]), page.body_line):
        half = _OPEN_TAG.search(line)
        if half and (not following.strip() or "<" in following.partition(">")[0]):
            message = f"the tag `{half[0].strip()}` has no `>`"
            yield Finding(page.file, number, half.start() + 1, RULE.id, message, "close the tag")


def _close(
    page: Page, opened: list[tuple[str, int, int]], name: str, line: int, column: int
) -> Iterator[Finding]:
    if not any(each == name for each, _, _ in opened):
        message = f"`</{name}>` closes nothing"
        yield Finding(page.file, line, column, RULE.id, message, "remove it, or open the element")
        return
    while opened:
        inner, at_line, at_column = opened.pop()
        if inner == name:
            return
        if inner not in _OPTIONAL_END:
            yield _unclosed(page, inner, at_line, at_column)


def _unclosed(page: Page, name: str, line: int, column: int) -> Finding:
    message = f"`<{name}>` is never closed"
    return Finding(page.file, line, column, RULE.id, message, f"end it with `</{name}>`")


def _comments(page: Page) -> Iterator[Finding]:
    text = mask_inline_code(mask_fences(page.body, page.fences, page.body_line))
    position = 0
    while True:
        start, end = text.find("<!--", position), text.find("-->", position)
        if end >= 0 and (start < 0 or end < start):
            message, at = "`-->` ends no comment", end
            yield _at(page, text, at, message, "remove it, or start the comment")
            position = end + 3
        elif start < 0:
            return
        elif (end := text.find("-->", start + 4)) < 0:
            message = "this comment is never closed: the rest of the page is hidden"
            yield _at(page, text, start, message, "end it with `-->`")
            return
        else:
            inner = text.find("<!--", start + 4, end)
            if inner >= 0:
                message = "this comment swallows another one"
                yield _at(page, text, start, message, "end it with `-->`")
            position = end + 3


def _at(page: Page, text: str, offset: int, message: str, hint: str) -> Finding:
    line = text.count("\n", 0, offset) + page.body_line
    column = offset - text.rfind("\n", 0, offset)
    return Finding(page.file, line, column, RULE.id, message, hint)


RULE = PageRule("html-closed", "closes its HTML elements and comments", check)
