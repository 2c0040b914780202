"""The pieces of a block that are units by themselves: code, diagrams, tables and lists."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markdown_it.token import Token

from guide.intake.model import Block, UnitKind

LISTS = ("bullet_list", "ordered_list", "dl")
"""The kinds of blocks that are lists."""
_CODE = ("fence", "code_block")
_LEAD = re.compile(r"(?:\*\*|__)(?P<lead>[^*_]+?)(?:[:：](?:\*\*|__)|(?:\*\*|__)[ ]?[:：])")


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a block: its kind, its own Markdown or code, and the lines it spans.

    `title` is what it says about itself: the lead of a bullet.
    """

    kind: UnitKind
    text: str
    line: int
    end_line: int
    title: str = ""


def pieces(block: Block) -> Iterator[Piece]:
    """Yield a list with the code and tables in it, or those of any other block."""
    if block.kind in LISTS:
        yield Piece("list", own_text(block.tokens), block.line, block.end_line)
    for group in _groups(block.tokens):
        line, end_line = _span(group[0], block)
        if group[0].type == "table_open":
            yield Piece("table", _table_text(group), line, end_line)
        else:
            code = group[0]
            kind: UnitKind = "diagram" if language(code) == "mermaid" else "code"
            yield Piece(kind, code.content.rstrip("\n"), line, end_line)


def bullets(block: Block) -> tuple[Piece, ...]:
    """The items of an outline's list, each with a bold lead; none if one has no such lead."""
    if block.kind not in ("bullet_list", "ordered_list"):
        return ()
    found = []
    for item in _items(block.tokens):
        first = next((token.content for token in item if token.type == "inline"), "")
        lead = _LEAD.match(first)
        if lead is None:
            return ()
        line, end_line = _span(item[0], block)
        found.append(Piece("bullet", own_text(item), line, end_line, lead["lead"].strip()))
    return tuple(found)


def language(fence: Token) -> str:
    """The first word of a fence's info line, in lower case."""
    words = re.split(r"[\s,{:]+", fence.info.strip(" {."), maxsplit=1)
    return words[0].lower()


def own_text(tokens: Sequence[Token]) -> str:
    """The Markdown of tokens, line by line, without the code and tables among them."""
    lines: list[str] = []
    item = table = 0
    for token in tokens:
        table += token.nesting if token.type.startswith("table_") else 0
        item = 1 if token.type == "list_item_open" else item
        if token.type == "inline" and not table:
            lines.append("- " * item + token.content)
            item = 0
        elif token.type in ("html_block", "math_block", "house_block"):
            lines.append(token.content.rstrip("\n"))
    return "\n".join(lines)


def label(block: Block | None) -> str:
    """What a paragraph says about the block after it: its last line, if that is a label."""
    if block is None or block.kind != "paragraph":
        return ""
    last = block.text.rsplit("\n", 1)[-1].strip()
    bold = last[:2] in ("**", "__") and last.rstrip(":：").endswith(last[:2])
    if len(last) > 100 or not (bold or last.endswith((":", "："))):
        return ""
    return re.sub(r"[*_`]+", "", last).rstrip(" :：")


def _groups(tokens: Sequence[Token]) -> Iterator[Sequence[Token]]:
    start = None
    for index, token in enumerate(tokens):
        if token.type == "table_open":
            start = index
        elif token.type == "table_close" and start is not None:
            yield tokens[start : index + 1]
            start = None
        elif token.type in _CODE:
            yield tokens[index : index + 1]


def _items(tokens: Sequence[Token]) -> Iterator[Sequence[Token]]:
    depth, start = 0, 0
    for index, token in enumerate(tokens):
        if token.type == "list_item_open":
            depth += 1
            start = index if depth == 1 else start
        elif token.type == "list_item_close":
            depth -= 1
            if not depth:
                yield tokens[start : index + 1]


def _table_text(tokens: Sequence[Token]) -> str:
    rows: list[list[str]] = []
    for token in tokens:
        if token.type == "tr_open":
            rows.append([])
        elif token.type == "inline" and rows:
            rows[-1].append(token.content)
    return "\n".join(" | ".join(row) for row in rows)


def _span(token: Token, block: Block) -> tuple[int, int]:
    """The lines of a token in the file: those of its block, if nothing closer is known."""
    first = block.tokens[0].map
    if token.map is None or first is None:
        return block.line, block.end_line
    line = block.line + token.map[0] - first[0]
    end_line = block.line + token.map[1] - first[0] - 1
    inside = block.line <= line <= block.end_line
    return (
        (line, max(line, min(end_line, block.end_line))) if inside else (block.line, block.end_line)
    )
