"""A fence inside a list stands at the list's indent; anywhere else it starts at the margin."""

from __future__ import annotations

import re
from collections.abc import Iterator

from guide.checks.finding import Finding
from guide.checks.rule import PageRule
from guide.languages import canonical
from guide.library import Page
from guide.library.fences import Fence
from guide.library.page import PageReader

STEP = 4
"""Spaces by which Python-Markdown indents the content of a list item."""
_ITEM = re.compile(r"^(?P<indent> *)(?:[-*+]|\d+[.)]|:)[ \t]+\S")
_FREE = ("text", "output", "console", "markdown", "go", "http")
"""Languages whose text is laid out as it came, or (Go) whose tool mixes tabs and spaces."""


def check(page: Page, reader: PageReader) -> Iterator[Finding]:
    """Report fences at an indent that no list gives them, and tabs mixed with spaces in code."""
    lines = page.source.split("\n")
    for fence in page.fences:
        for line, message, hint in (*_place(fence, lines), *_mixture(fence)):
            yield Finding(page.file, line, 1, RULE.id, message, hint)


def _place(fence: Fence, lines: list[str]) -> Iterator[tuple[int, str, str]]:
    for number in (fence.line, fence.end_line):
        margin = lines[number - 1][: len(lines[number - 1]) - len(lines[number - 1].lstrip())]
        if "\t" in margin:
            yield number, "this fence line is indented with a tab", "use spaces"
            return
    indent = len(margin)
    opening = len(lines[fence.line - 1]) - len(lines[fence.line - 1].lstrip())
    if indent != opening:
        hint = "give both fence lines the same indent"
        yield fence.end_line, f"the fence opened {opening} spaces in closes {indent} in", hint
    elif opening and not lines[fence.line - 1].startswith(">"):
        depth = _list_depth(lines, fence.line - 1)
        if opening % STEP or opening > depth * STEP:
            hint = f"in a list {STEP} spaces a level, elsewhere none"
            yield fence.line, f"this fence is indented by {opening} spaces", hint


def _list_depth(lines: list[str], index: int) -> int:
    """How deep the list is in which the line `index` may stand; 0 outside a list."""
    for line in reversed(lines[:index]):
        if not line.strip():
            continue
        item = _ITEM.match(line)
        if item:
            return len(item["indent"]) // STEP + 1
        if not line.startswith(" "):
            return 0
    return 0


def _mixture(fence: Fence) -> Iterator[tuple[int, str, str]]:
    if fence.included_from or canonical(fence.language) in _FREE:
        return
    tabs = spaces = False
    for number, line in enumerate(fence.code.split("\n"), fence.code_line):
        margin = line[: len(line) - len(line.lstrip())]
        tabs, spaces = tabs or "\t" in margin, spaces or "  " in margin
        if tabs and spaces:
            yield number, "the code mixes tabs and spaces", "indent with one of them"
            return


RULE = PageRule("fence-indent", "indents its fences as the list or block they are in", check)
