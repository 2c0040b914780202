"""Generic blocks (`/// tab | Python` to `///`): where each starts and ends.

The rules are those of PyMdown Extensions: a block ends at the first line with as many slashes
as it was opened with, so an inner block needs a different number.
"""

from __future__ import annotations

import re
from collections.abc import Container
from dataclasses import dataclass

_OPENING = re.compile(r"^ *(?P<slashes>/{3,}) *(?P<name>[\w-]+) *(?:\| *(?P<title>.*?) *)?$")
_CLOSING = re.compile(r"^ *(?P<slashes>/{3,}) *$")
_SLASHES = re.compile(r"^ *(?P<slashes>/{2,})(?!/)")


@dataclass(frozen=True, slots=True)
class Block:
    """A generic block; `end_line` is that of its closing line, `depth` counts those around it."""

    name: str
    title: str
    line: int
    end_line: int
    column: int
    depth: int


@dataclass(frozen=True, slots=True)
class StrayBlock:
    """A line that looks like part of a block and is none.

    `kind` is "unclosed", "unopened", "unknown" (no such block) or "header" (malformed).
    """

    kind: str
    text: str
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class BlockScan:
    """All blocks of a text, and the lines that failed to become part of one."""

    blocks: tuple[Block, ...]
    strays: tuple[StrayBlock, ...]


@dataclass(frozen=True, slots=True)
class _Open:
    name: str
    title: str
    slashes: int
    text: str
    line: int
    column: int


def scan_blocks(text: str, first_line: int, known: Container[str]) -> BlockScan:
    """Find the blocks of `text`, whose fences are blanked out; `known` are the blocks' names."""
    blocks: list[Block] = []
    strays: list[StrayBlock] = []
    stack: list[_Open] = []
    for number, line in enumerate(text.split("\n"), first_line):
        if not line.lstrip(" ").startswith("//"):
            continue
        closing, opening = _CLOSING.match(line), _OPENING.match(line)
        column = len(line) - len(line.lstrip(" ")) + 1
        if closing:
            length = len(closing["slashes"])
            if not any(each.slashes == length for each in stack):
                strays.append(StrayBlock("unopened", line.strip(), number, column))
                continue
            while stack:
                ended = stack.pop()
                if ended.slashes == length:
                    break
                strays.append(_unclosed(ended))
            blocks.append(
                Block(ended.name, ended.title, ended.line, number, ended.column, len(stack))
            )
        elif opening and opening["name"].lower() in known:
            length = len(opening["slashes"])
            while any(each.slashes == length for each in stack):
                strays.append(_unclosed(stack.pop()))
            name = opening["name"].lower()
            stack.append(_Open(name, opening["title"] or "", length, line.strip(), number, column))
        elif opening:
            strays.append(StrayBlock("unknown", line.strip(), number, column))
        elif _SLASHES.match(line):
            strays.append(StrayBlock("header", line.strip(), number, column))
    strays += [_unclosed(each) for each in stack]
    return BlockScan(
        tuple(sorted(blocks, key=lambda block: block.line)),
        tuple(sorted(strays, key=lambda stray: stray.line)),
    )


def _unclosed(block: _Open) -> StrayBlock:
    return StrayBlock("unclosed", block.text, block.line, block.column)
