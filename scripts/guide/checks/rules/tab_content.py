"""Tabs hold their content: none is empty, and no code stands between two tabs of a set."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from guide.checks.finding import Finding
from guide.checks.rule import PageRule
from guide.library import Page
from guide.library.page import PageReader
from guide.library.tabs import tab_blocks


def check(page: Page, reader: PageReader) -> Iterator[Finding]:
    """Report empty tabs, and fences that slipped out between tabs."""
    lines = page.source.split("\n")
    tabs = tab_blocks(page)
    for tab in tabs:
        if not any(line.strip() for line in lines[tab.line : tab.end_line - 1]):
            message = f"the tab `{tab.title}` is empty"
            hint = "move its content between `/// tab` and `///`"
            yield Finding(page.file, tab.line, tab.column, RULE.id, message, hint)
    for before, after in itertools.pairwise(tabs):
        if before.depth != after.depth:
            continue
        between = range(before.end_line + 1, after.line)
        fences = [fence for fence in page.fences if fence.line in between]
        inside = {n for fence in fences for n in range(fence.line, fence.end_line + 1)}
        prose = [n for n in between if n not in inside and lines[n - 1].strip()]
        if fences and not prose:
            message = f"this fence stands outside the tabs `{before.title}` and `{after.title}`"
            hint = "move it into the tab it belongs to"
            yield Finding(page.file, fences[0].line, fences[0].column, RULE.id, message, hint)


RULE = PageRule("tab-content", "keeps the content of tabs in its tabs", check)
