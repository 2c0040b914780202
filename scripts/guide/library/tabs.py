"""Tab sets of a page."""

from __future__ import annotations

from collections.abc import Iterator

from guide.library.blocks import Block
from guide.library.page import Page

TAB_ORDER = (
    "Python",
    "Go",
    "JavaScript",
    "TypeScript",
    "Java",
    "Lua",
    "Shell",
    "SQL",
    "Redis",
    "HTTP",
    "GraphQL",
    "Protocol Buffers",
    "YAML",
    "JSON",
    "Console",
    "Output",
)
"""Programs first, then data, then what goes over the wire, configuration and results."""


def tab_blocks(page: Page) -> list[Block]:
    """All tabs of `page`, in order."""
    return [block for block in page.blocks if block.name == "tab"]


def tab_sets(page: Page) -> Iterator[tuple[Block, ...]]:
    """Yield tabs that follow each other with nothing but blank lines between, as shown together."""
    lines = page.source.split("\n")
    current: list[Block] = []
    for tab in tab_blocks(page):
        if current:
            between = lines[current[-1].end_line : tab.line - 1]
            if any(line.strip() for line in between) or tab.depth != current[-1].depth:
                yield tuple(current)
                current = []
        current.append(tab)
    if current:
        yield tuple(current)
