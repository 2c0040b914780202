"""Blank out what is not prose, so that positions in the rest stay exact."""

from __future__ import annotations

import re
from collections.abc import Iterable

from guide.library.fences import Fence

_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_INLINE_CODE = re.compile(r"(?<![\\`])(`+)(?!`)(.+?)(?<!`)\1(?!`)", re.DOTALL)
ESCAPE = re.compile(r"\\[\\`*_{}\[\]()>#+.!|~-]")
"""A character that a backslash keeps from being markup."""
_PARAGRAPH_BREAK = re.compile(r"\n[ \t]*\n")


def mask_fences(text: str, fences: Iterable[Fence], first_line: int) -> str:
    """Replace each fence, with its two fence lines, by blanks of the same shape."""
    lines = text.split("\n")
    for fence in fences:
        for number in range(fence.line, fence.end_line + 1):
            lines[number - first_line] = " " * len(lines[number - first_line])
    return "\n".join(lines)


def mask_comments(text: str) -> str:
    """Replace HTML comments by blanks."""
    return _COMMENT.sub(_blanks, text)


def mask_inline_code(text: str) -> str:
    """Replace inline code and escaped characters by blanks; code never spans paragraphs."""
    pieces, start = [], 0
    for gap in _PARAGRAPH_BREAK.finditer(text):
        pieces.append(_mask_paragraph(text[start : gap.start()]))
        pieces.append(gap[0])
        start = gap.end()
    pieces.append(_mask_paragraph(text[start:]))
    return "".join(pieces)


def _mask_paragraph(text: str) -> str:
    return ESCAPE.sub(_blanks, _INLINE_CODE.sub(_blanks, text))


def _blanks(match: re.Match[str]) -> str:
    return re.sub(r"[^\n]", " ", match[0])
