"""A block (`/// tab | Python`) that is misspelt or not closed swallows text or shows slashes."""

from __future__ import annotations

from collections.abc import Iterator

from guide.checks.finding import Finding
from guide.checks.rule import PageRule
from guide.library import Page, did_you_mean
from guide.library.blocks import StrayBlock
from guide.library.page import PageReader


def check(page: Page, reader: PageReader) -> Iterator[Finding]:
    """Report lines of slashes that open nothing, close nothing or are never closed."""
    for stray in page.stray_blocks:
        message, hint = _explain(stray, reader)
        yield Finding(page.file, stray.line, stray.column, RULE.id, message, hint)
        if stray.kind == "unclosed":
            end = _probable_end(page, stray.line)
            message = f"the block opened on line {stray.line} should be closed about here"
            yield Finding(page.file, end, 1, RULE.id, message, "write `///` on a line of its own")


def _explain(stray: StrayBlock, reader: PageReader) -> tuple[str, str]:
    if stray.kind == "unclosed":
        return f"this block is never closed: {stray.text}", "end it with as many slashes"
    if stray.kind == "unopened":
        return f"`{stray.text}` closes no block", "remove it, or open a block with as many slashes"
    if stray.kind == "unknown":
        name = stray.text.lstrip("/").split()[0].rstrip("|")
        hint = did_you_mean(name, reader.block_names)
        return (
            f"there is no block `{name}`",
            hint or f"known: {', '.join(sorted(reader.block_names))}",
        )
    return f"this line of slashes is no block: {stray.text}", "write `/// name | Title`"


def _probable_end(page: Page, opening: int) -> int:
    """After the first fence of the block, else after its first paragraph."""
    lines = page.source.split("\n")
    number = opening + 1
    spans = {fence.line: fence.end_line for fence in page.fences}
    while number < len(lines) and not lines[number - 1].strip():
        number += 1
    if number in spans:
        return min(spans[number] + 1, len(lines))
    while number < len(lines) and lines[number - 1].strip():
        number += 1
    return number


RULE = PageRule("block-closed", "opens and closes its blocks in pairs", check)
