"""From a flat document to its outline: headings open sections, deeper ones inside them."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Sequence

from guide.intake.model import Block, Change, Document, Section
from guide.intake.reading.markdown import inline_text

BY = "outline"
_ATTRIBUTES = re.compile(r"[ ]*\{:?[ ]*(?P<list>[#.][^{}]*)\}$")


def outline(document: Document) -> Document:
    """Return the document with `root` made of its blocks; headings that jump are closed up."""
    blocks = document.blocks
    depths = _depths(blocks)
    content, _ = _children(blocks, depths, 0, 0)
    last = blocks[-1].end_line if blocks else document.source.first_line
    root = Section("", 0, document.source.first_line, last, content)
    changes = [
        Change("changed", BY, block.line, "a heading's level: some were skipped before it")
        for block in _skipping(blocks)
    ]
    return document.noting(changes, root=root, blocks=())


def _level(block: Block) -> int:
    return int(block.tokens[0].tag[1:]) if block.kind == "heading" else 0


def _depths(blocks: Sequence[Block]) -> list[int]:
    """The depth of each heading when none is skipped; 0 for other blocks."""
    open_levels: list[int] = []
    depths = []
    for block in blocks:
        level = _level(block)
        if level:
            while open_levels and open_levels[-1] >= level:
                open_levels.pop()
            open_levels.append(level)
        depths.append(len(open_levels) if level else 0)
    return depths


def _skipping(blocks: Sequence[Block]) -> Iterator[Block]:
    """Yield the headings that are more than one level deeper than the heading before them."""
    before = 0
    for block in blocks:
        level = _level(block)
        if before and level > before + 1:
            yield block
        before = level or before


def _children(
    blocks: Sequence[Block], depths: Sequence[int], start: int, depth: int
) -> tuple[tuple[Block | Section, ...], int]:
    """Read what stands under a heading of `depth`, from block `start` on; and where it ends."""
    content: list[Block | Section] = []
    index = start
    while index < len(blocks):
        if not depths[index]:
            content.append(blocks[index])
            index += 1
        elif depths[index] > depth:
            section = _heading(blocks[index], depths[index])
            inside, index = _children(blocks, depths, index + 1, depths[index])
            end = blocks[index - 1].end_line
            content.append(dataclasses.replace(section, content=inside, end_line=end))
        else:
            break
    return tuple(content), index


def _heading(block: Block, depth: int) -> Section:
    title = inline_text(block)
    match = _ATTRIBUTES.search(title)
    names = match["list"].split() if match else []
    return Section(
        title=title[: match.start()] if match else title,
        depth=depth,
        line=block.line,
        end_line=block.end_line,
        id=next((name[1:] for name in names if name.startswith("#")), ""),
        classes=tuple(name[1:] for name in names if name.startswith(".")),
        heading=block.text,
    )
