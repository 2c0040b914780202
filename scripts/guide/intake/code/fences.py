"""Fences wherever they stand: at the top of a section, in a list item, in a quote."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable

from markdown_it.token import Token

from guide.intake.model import Block

_LANGUAGE = re.compile(r"\s*\{?\s*\.?([^\s{}.,:]+)")


def language(token: Token) -> str:
    """The language that a fence names, in lower case; empty for any other token."""
    match = _LANGUAGE.match(token.info) if token.type == "fence" else None
    return match[1].lower() if match else ""


def line_of(block: Block, token: Token) -> int:
    """The line of the file on which a token of `block` starts."""
    first = block.tokens[0].map
    if token.map is None or first is None:
        return block.line
    return block.line + token.map[0] - first[0]


def map_fences(block: Block, change: Callable[[Token, int], Token]) -> Block:
    """Replace each fence of `block` by what `change` makes of it and of its line."""
    tokens = tuple(
        change(token, line_of(block, token)) if token.type == "fence" else token
        for token in block.tokens
    )
    unchanged = all(new is old for new, old in zip(tokens, block.tokens, strict=True))
    return block if unchanged else dataclasses.replace(block, tokens=tokens)
