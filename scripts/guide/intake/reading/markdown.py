"""Markdown in and out: markdown-it parses, mdformat renders.

Only this module and those that begin like it name them: `markdown_rules` is what the parser knows
beyond CommonMark, with `markdown_tables` and `markdown_math`, and `markdown_writing` how each thing
is written.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from markdown_it.token import Token
from mdformat.renderer import MDRenderer

from guide.intake.model import Block, IntakeError
from guide.intake.reading.markdown_rules import MAX_NESTING, parser
from guide.intake.reading.markdown_writing import LIST_END, LIST_TYPES

_DEEP = ("blockquote_open", "list_item_open", "dd_open", "admonition_open", "content_tab_open")


@dataclass(frozen=True, slots=True)
class Definition:
    """A reference definition: links that name it are written with its target."""

    label: str
    target: str
    title: str
    line: int = 0
    end_line: int = 0


@dataclass(frozen=True, slots=True)
class Parsed:
    """The blocks of a text and its reference definitions."""

    blocks: tuple[Block, ...]
    definitions: tuple[Definition, ...]


def parse(text: str, first_line: int = 1) -> Parsed:
    """Parse Markdown of any common flavor; line numbers start at `first_line`."""
    env: dict[str, Any] = {}
    tokens = parser().parse(text if text.endswith("\n") else f"{text}\n", env)
    if any(token.level >= MAX_NESTING - 2 and token.type in _DEEP for token in tokens):
        raise IntakeError(
            f"lists or quotations stand in each other {MAX_NESTING // 2} deep", "flatten them"
        )
    notes = env.get("footnotes", {}).get("list", {})
    for token in tokens:
        for child in token.children or ():
            if child.type == "footnote_ref":
                note = notes[child.meta["id"]]
                child.meta = {**child.meta, "tokens": note.get("tokens")}
                child.content = note.get("content", "")
    entries = [*env.get("references", {}).items()]
    entries += [(entry["label"], entry) for entry in env.get("duplicate_refs", ())]
    definitions = tuple(
        Definition(
            label,
            entry["href"],
            entry["title"],
            entry["map"][0] + first_line,
            entry["map"][1] + first_line - 1,
        )
        for label, entry in entries
    )
    return Parsed(blocks_of(tokens, first_line), definitions)


def blocks_of(tokens: Sequence[Token], first_line: int = 1) -> tuple[Block, ...]:
    """Group tokens into the blocks at their top level."""
    blocks: list[Block] = []
    start, depth, line = 0, 0, first_line
    for index, token in enumerate(tokens):
        depth += token.nesting
        if depth:
            continue
        group = tuple(tokens[start : index + 1])
        span = group[0].map
        if span is None:  # some plugins give none: they stand where the last block ended
            span = [line - first_line, line - first_line + 1]
        end = _last_line(group, span[1])
        kind = group[0].type.removesuffix("_open")
        blocks.append(
            Block(kind, group, span[0] + first_line, max(end, span[0] + 1) + first_line - 1)
        )
        line = end + first_line
        start = index + 1
    return tuple(blocks)


def _last_line(group: Sequence[Token], end: int) -> int:
    """Lists end with the last thing in them, not with the blank lines that follow."""
    inner = [token.map[1] for token in group if token.map and token.nesting == 0]
    return max(inner, default=end) if group[0].type.endswith("list_open") else end


def render(blocks: Iterable[Block]) -> str:
    """Write blocks as Markdown, without a line feed at the end."""
    parts: list[str] = []
    before = ""
    for block in blocks:  # one by one: in a tree, a list looks for its neighbor among all
        if block.kind in LIST_TYPES and before in LIST_TYPES:
            parts.append(LIST_END)
        parts.append(_written(_Same(block.tokens)))
        before = block.kind
    return "\n\n".join(part for part in parts if part)


class _Same:
    """Tokens as a key: the very same ones, which nobody changes."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self.tokens = tokens

    def __hash__(self) -> int:
        return id(self.tokens)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.tokens is self.tokens


@functools.lru_cache(maxsize=4096)  # passes look at what is written, before it is
def _written(same: _Same) -> str:
    return _write(same.tokens)


def _write(tokens: Sequence[Token]) -> str:
    return MDRenderer().render(tokens, parser().options, {}, finalize=False)


def paragraph(text: str, line: int) -> Block:
    """A paragraph of inline Markdown."""
    [block] = parse(text, line).blocks or [verbatim(text, line)]
    return block


def verbatim(text: str, line: int, end_line: int | None = None) -> Block:
    """A block whose Markdown is `text` exactly, such as the line of a `/// tab` block."""
    token = Token("house_block", "", 0, content=text, block=True)
    return Block("house_block", (token,), line, end_line or line)


def inline_text(block: Block) -> str:
    """The canonical inline Markdown of a heading or paragraph, on one line."""
    inline = next(token for token in block.tokens if token.type == "inline")
    tokens = [
        Token("heading_open", "h1", 1, markup="#", block=True),
        inline.copy(level=1),
        Token("heading_close", "h1", -1, markup="#", block=True),
    ]
    text = _write(tokens)
    return " ".join(text.removeprefix("#").split())


def escaped(text: str) -> str:
    """Inline Markdown that shows `text` as it is."""
    token = Token("inline", "", 0, content=text, children=[Token("text", "", 0, content=text)])
    return inline_text(Block("heading", (token,), 1, 1))


def plain_text(tokens: Iterable[Token]) -> str:
    """What a reader sees of tokens: text and code, a blank for each break."""
    parts: list[str] = []
    for token in tokens:
        if token.type in ("text", "code_inline", "fence", "code_block", "math_inline"):
            parts.append(token.content)
        elif token.type in ("softbreak", "hardbreak"):
            parts.append(" ")
        elif token.type == "image":
            parts.append(plain_text(token.children or ()))
        elif token.children:
            parts.append(plain_text(token.children))
        if token.block and token.type not in ("inline",):
            parts.append(" ")
    return "".join(parts)


@functools.lru_cache(maxsize=4096)  # several passes ask for the same titles
def plain_title(title: str) -> str:
    """The text of a heading as readers see it."""
    return " ".join(plain_text(parse(f"# {title}").blocks[0].tokens).split())
