"""Math in Markdown, as TeX writes it: a block, or between marks in a line."""

from __future__ import annotations

import re

from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline

from guide.intake.reading.markdown_lines import line_at

_ENVIRONMENT = re.compile(r"\\begin\{(?P<name>[A-Za-z]+\*?)\}")
_MATH = re.compile(r"[\\^_=+*/<>{}|]|^\s*\w{1,3}\s*$")
_REACH = 1_000
"""How far the end of inline math may be: a bracket without an end is looked for no further."""


def math_block(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    r"""`$$`, `\[` or `\begin{...}` up to its end, which no blank line may precede."""
    first = line_at(state, start)
    environment = _ENVIRONMENT.match(first)
    if environment:
        closing = f"\\end{{{environment['name']}}}"
    elif first.startswith(("$$", "\\[")):
        closing = "$$" if first.startswith("$$") else "\\]"
    else:
        return False
    if silent or state.is_code_block(start):
        return False
    line, text = start, first[2:]
    while not text.rstrip().endswith(closing):
        line += 1
        if closing in text or line >= end or state.isEmpty(line):
            return False
        if state.sCount[line] < state.blkIndent:
            return False
        text = line_at(state, line)
    token = state.push("math_block", "", 0)
    token.content = "\n".join(line_at(state, each).rstrip() for each in range(start, line + 1))
    token.map, state.line = [start, line + 1], line + 1
    return True


def math_inline(state: StateInline, silent: bool) -> bool:
    r"""`$a$`, `$$a$$` and `\(a\)`; amounts (`$5 or $6`) and variables (`$HOME/$USER`) are none."""
    mark = state.src[state.pos : state.pos + 2]
    if mark == "$$" or mark == "\\(":
        closing = "$$" if mark == "$$" else "\\)"
    elif mark.startswith("$") and mark[1:].strip():
        closing = mark = "$"
    else:
        return False
    start = state.pos + len(mark)
    end = state.src.find(closing, start, min(start + _REACH, state.posMax))
    if end <= start:
        return False
    text = state.src[start:end]
    after = state.src[end + len(closing) : end + len(closing) + 1]
    before = state.src[state.pos - 1 : state.pos] if state.pos else ""
    if mark == "$" and (text[-1] in " \t\n\\" or before.isalnum() or after.isalnum()):
        return False
    if mark == "\\(" and not _MATH.search(text):
        return False
    if not silent:
        token = state.push("math_inline", "", 0)
        token.content, token.markup = f"{mark}{text}{closing}", mark
    state.pos = end + len(closing)
    return True
