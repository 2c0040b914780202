"""A fence that is never closed, or closed by a later fence, publishes prose as code."""

from __future__ import annotations

import re
from collections.abc import Iterator

from guide.checks.finding import Finding
from guide.checks.rule import PageRule
from guide.library import Page
from guide.library.fences import Fence
from guide.library.page import PageReader

_FENCE = re.compile(r"^[> \t]*(?P<marks>`{3,}|~{3,})(?P<info>[^`]*)$")
_PROSE = re.compile(r"^(?:#{1,6} \S|/{3,}|\*\*[A-Z][^*]*\.\*\* |- \[[ x]\] )")
_HINT = "close it with the same character, the same number of times, at the same indent"


def check(page: Page, reader: PageReader) -> Iterator[Finding]:
    """Report opening fences without an end of their own, and where the end probably belongs."""
    lines = page.source.split("\n")
    if not any(stray.kind == "header" for stray in page.strays):
        for stray in page.strays:
            message = f"this fence is never closed: {stray.text}"
            yield _finding(page, stray.line, stray.column, message)
            yield from _end(page, lines, stray.line, len(lines))
    for fence in page.fences:
        yield from _swallowed(page, fence, lines)


def _swallowed(page: Page, fence: Fence, lines: list[str]) -> Iterator[Finding]:
    """A fence line inside a fence: either the outer one is not closed, or the marks differ."""
    if fence.language in ("markdown", "md"):
        return
    for number in range(fence.line + 1, fence.end_line):
        inner = _FENCE.match(lines[number - 1])
        if inner is None:
            continue
        yield _finding(
            page,
            fence.line,
            fence.column,
            f"this fence swallows the fence line {number}: {lines[number - 1].strip()}",
        )
        yield _finding(
            page, number, 1, f"this line stands inside the fence opened on line {fence.line}"
        )
        yield from _end(page, lines, fence.line, number)
        return


def _end(page: Page, lines: list[str], opening: int, limit: int) -> Iterator[Finding]:
    """The end is probably missing before the first line that is prose again: a heading, a label."""
    for number in range(opening + 1, limit + 1):
        if not lines[number - 2].strip() and _PROSE.match(lines[number - 1]):
            message = f"the fence opened on line {opening} should end before this line"
            yield _finding(page, number, 1, message)
            return


def _finding(page: Page, line: int, column: int, message: str) -> Finding:
    return Finding(page.file, line, column, RULE.id, message, _HINT)


RULE = PageRule("fence-closed", "closes every fence it opens", check)
