"""Tables of GitHub's Markdown that keep their surplus cells, which a browser would not show."""

from __future__ import annotations

from typing import Any

from markdown_it.rules_block import StateBlock
from markdown_it.rules_block.table import escapedSplit, table
from markdown_it.token import Token

from guide.intake.reading.markdown_lines import line_at


def whole_table(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """A table of GitHub's that keeps its surplus cells: all rows get as many as the longest has."""
    first = len(state.tokens)
    if not table(state, start, end, silent):
        return False
    if silent:
        return True
    rows = [
        index
        for index in range(first, len(state.tokens))
        if state.tokens[index].type == "tr_open" and state.tokens[index].map
    ]
    columns = len(_cells(state, rows[0]))
    widest = columns
    longer: dict[int, list[str]] = {}
    for row in rows[1:]:
        cells = _cells(state, row)
        if len(cells) < columns:
            state.tokens[row].meta = {"cells": len(cells), "columns": columns}
        elif len(cells) > columns:
            longer[row] = _without_surplus(cells, columns)
            widest = max(widest, len(longer[row]))
    if widest > columns:
        state.tokens[first].meta = {"cells": widest}
    if longer:
        state.tokens[first:] = _widened(state.tokens, first, longer, widest - columns)
    return True


def _cells(state: StateBlock, row: int) -> list[str]:
    span: Any = state.tokens[row].map
    cells = escapedSplit(line_at(state, span[0]).strip())
    if cells and not cells[0]:
        cells.pop(0)
    if cells and not cells[-1]:
        cells.pop()
    return cells


def _without_surplus(cells: list[str], columns: int) -> list[str]:
    """Join cells that a bar in code cut, and drop empty ones at the end, down to `columns`."""
    whole: list[str] = []
    for cell in cells:
        if whole and whole[-1].count("`") % 2:
            whole[-1] += f"|{cell}"
        else:
            whole.append(cell)
    is_code = len(whole) == columns and not any(cell.count("`") % 2 for cell in whole)
    cells = whole if is_code else list(cells)
    cells = [cell.strip() for cell in cells]
    while len(cells) > columns and not cells[-1]:
        cells.pop()
    return cells


def _widened(
    tokens: list[Token], first: int, longer: dict[int, list[str]], more: int
) -> list[Token]:
    """The tokens of a table from `first` on, with `more` cells in each row; `longer` rows full."""
    result: list[Token] = []
    contents: list[str] = []
    for index in range(first, len(tokens)):
        token = tokens[index]
        if token.type == "tr_open":
            contents = longer.get(index, [])[::-1]
        elif token.type == "inline" and contents:
            token.content = contents.pop()
        elif token.type == "tr_close":
            opening, inline, closing = result[-3:]
            for _ in range(more):
                text = contents.pop() if contents else ""
                cell = inline.copy(content=text, children=[])
                result += [opening.copy(attrs={}), cell, closing.copy()]
        result.append(token)
    return result
