"""A table has a header, a separator and as many cells in every row; others are lost."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from guide.checks.finding import Finding
from guide.checks.rule import PageRule
from guide.library import Page
from guide.library.page import PageReader

_SEPARATOR = re.compile(r"^\s*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*$")
_ROW = re.compile(r"^\s*\|.*\|\s*$")


def check(page: Page, reader: PageReader) -> Iterator[Finding]:
    """Report tables that the renderer does not take for one, and rows of another width."""
    for first, block in _paragraphs(page.prose, page.body_line):
        rows = [line for line in block if _ROW.match(line)]
        separators = [
            index for index, line in enumerate(block) if "|" in line and _SEPARATOR.match(line)
        ]
        if not separators:
            if len(rows) >= 2:
                at = first + next(index for index, line in enumerate(block) if _ROW.match(line))
                hint = "write `| --- | --- |` under the header"
                yield _finding(page, at, "this table has no separator under its header", hint)
            continue
        at = separators[0]
        if at == 0:
            yield _finding(page, first, "this table has no header", "name its columns")
        elif at > 1:
            message = "this table runs into the text above it"
            yield _finding(page, first + at - 1, message, "put a blank line before its header")
        else:
            yield from _widths(page, first, block)


def _widths(page: Page, first: int, block: Sequence[str]) -> Iterator[Finding]:
    columns = _cells(block[0])
    for number, line in enumerate(block[1:], first + 1):
        cells = _cells(line)
        if cells != columns:
            message = f"this row has {cells} cells; the header has {columns}"
            hint = "add or remove a cell; a bar inside a cell is written `\\|`"
            yield _finding(page, number, message, hint)


def _cells(line: str) -> int:
    return line.strip().removeprefix("|").removesuffix("|").count("|") + 1


def _paragraphs(prose: str, first_line: int) -> Iterator[tuple[int, list[str]]]:
    block: list[str] = []
    for number, line in enumerate([*prose.split("\n"), ""], first_line):
        if line.strip():
            block.append(line)
        elif block:
            yield number - len(block), block
            block = []


def _finding(page: Page, line: int, message: str, hint: str) -> Finding:
    return Finding(page.file, line, 1, RULE.id, message, hint)


RULE = PageRule("table-shape", "has tables with a header and rows of equal width", check)
