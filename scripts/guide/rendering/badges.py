"""Under each example that a page shows: what was done with it, from its record."""

from __future__ import annotations

from guide.library import Library, Page
from guide.library.examples import example_of
from guide.library.tabs import tab_sets
from guide.rendering.badge_text import badge


def with_badges(library: Library, page: Page) -> str:
    """The body of `page` with a badge after the first place that shows each example."""
    examples = {each.folder: each for each in library.examples}
    lines = page.body.split("\n")
    places: dict[int, list[str]] = {}
    seen: set[str] = set()
    for include in page.includes:
        folder = example_of(include.path)
        if folder in examples and folder not in seen:
            seen.add(folder)
            text = badge(page.path, examples[folder])
            places.setdefault(_end_of_place(page, include.line), []).append(text)
    for line, texts in sorted(places.items(), reverse=True):
        at = line - page.body_line + 1
        lines[at:at] = ["", *"\n\n".join(texts).split("\n"), ""]
    return "\n".join(lines)


def _end_of_place(page: Page, line: int) -> int:
    """The last line of what is around `line` at the top level: a tab set, a block, a fence."""
    sets = [(tabs[0].line, tabs[-1].end_line) for tabs in tab_sets(page) if tabs[0].depth == 0]
    blocks = [(block.line, block.end_line) for block in page.blocks if block.depth == 0]
    fences = [(fence.line, fence.end_line) for fence in page.fences]
    for start, end in (*sets, *blocks, *fences):
        if start <= line <= end:
            return end
    return line
