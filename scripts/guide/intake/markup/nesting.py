"""Blocks inside blocks: passes rewrite what stands in a quotation or list item like the rest."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from markdown_it.token import Token

from guide.intake.model import Block
from guide.intake.reading.markdown import blocks_of, verbatim

Rewrite = Callable[[Sequence[Block], str], Sequence[Block]]
"""Takes blocks that follow each other and the kind of what they stand in ("" at the top)."""

_CONTAINERS = frozenset(
    """
    bullet_list ordered_list list_item blockquote dl dd admonition content_tab footnote_reference
    """.split()
)
_HOLDS_BLOCKS = _CONTAINERS - {"bullet_list", "ordered_list", "dl"}
_OPENING = re.compile(r"/{3,}[ \t]*(?P<rest>[\w-].*)$")


def rewrite(blocks: Sequence[Block], change: Rewrite, place: str = "") -> tuple[Block, ...]:
    """Return blocks with `change` made to every run of them, the innermost first."""
    inside = [_rewritten(block, change) for block in blocks]
    inside = [block for block in inside if block.kind != "blockquote" or len(block.tokens) > 2]
    return tuple(change(inside, place) if place in _HOLDS_BLOCKS or not place else inside)


def content(block: Block) -> tuple[Block, ...]:
    """Return the blocks directly in a block."""
    span = block.tokens[0].map
    first_line = block.line - span[0] if span else block.line
    return blocks_of(block.tokens[1:-1], first_line)


def with_content(block: Block, inside: Sequence[Block]) -> Block:
    """Return the block with other blocks in it."""
    tokens = (block.tokens[0], *(t for each in inside for t in each.tokens), block.tokens[-1])
    return Block(block.kind, tokens, block.line, block.end_line)


def leveled(blocks: Sequence[Block]) -> tuple[Block, ...]:
    """Return blocks with `///` lines of as many slashes as their nesting needs: the inner fewer.

    Lines that have no partner stay as they are.
    """
    opened: list[int] = []
    pairs: dict[int, int] = {}
    height: dict[int, int] = {}
    for index, block in enumerate(blocks):
        if block.kind != "house_block":
            continue
        if _OPENING.match(block.tokens[0].content):
            opened.append(index)
            height[index] = 3
        elif opened:
            start = opened.pop()
            pairs[start] = index
            if opened:
                height[opened[-1]] = max(height[opened[-1]], height[start] + 1)
    result = list(blocks)
    for start, end in pairs.items():
        rest = result[start].tokens[0].content.lstrip("/").strip()
        slashes = "/" * height[start]
        result[start] = verbatim(f"{slashes} {rest}", result[start].line)
        result[end] = verbatim(slashes, result[end].line)
    return tuple(result)


def inline_changed(block: Block, change: Callable[[Token], Token]) -> Block:
    """Return the block with each inline token in it, at any depth, replaced by `change`'s."""
    tokens = tuple(change(token) if token.type == "inline" else token for token in block.tokens)
    if all(new is old for new, old in zip(tokens, block.tokens, strict=True)):
        return block
    return Block(block.kind, tokens, block.line, block.end_line)


def trimmed(tokens: Sequence[Token]) -> list[Token]:
    """Return the tokens of a line, texts joined, without breaks at its ends or in a row."""
    result: list[Token] = []
    for token in tokens:
        last = result[-1] if result else None
        if token.type == "text" and last is not None and last.type == "text":
            result[-1] = last.copy(content=last.content + token.content)
        elif token.type == "text" and not token.content.strip() and _is_break(last):
            continue
        elif not (_is_break(token) and _is_break(last)):
            result.append(token)
    while result and _is_break(result[-1]):
        result.pop()
    if result and result[0].type == "text":
        result[0] = result[0].copy(content=result[0].content.lstrip(" "))
    if result and result[-1].type == "text":
        result[-1] = result[-1].copy(content=result[-1].content.rstrip(" "))
    return [token for token in result if token.type != "text" or token.content]


def _is_break(token: Token | None) -> bool:
    return token is None or token.type in ("softbreak", "hardbreak")


def _rewritten(block: Block, change: Rewrite) -> Block:
    if block.kind not in _CONTAINERS:
        return block
    before = content(block)
    after = rewrite(before, change, block.kind)
    if len(after) == len(before) and all(x is y for x, y in zip(after, before, strict=True)):
        return block
    if block.kind == "list_item":
        after = tuple(_shown(each) for each in after)
    return with_content(block, after)


def _shown(block: Block) -> Block:
    """A paragraph of its own, where it was the only line of a list item."""
    if block.kind != "paragraph" or not block.tokens[0].hidden:
        return block
    first, *middle, last = block.tokens
    return Block(
        block.kind,
        (first.copy(hidden=False), *middle, last.copy(hidden=False)),
        block.line,
        block.end_line,
    )
