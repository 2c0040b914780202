"""The cells of a raw text's tables, pipe tables and those of HTML, as a reader sees them.

A cell is known by its text without markup: how it is aligned, emphasized, escaped or linked makes
no difference.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from guide.intake.reporting.raw_text import RawText, cut_tags, decoded

_SEPARATOR = re.compile(r"[|:\s>-]*-[|:\s>]*")
_RULE = re.compile(r":-+:?|-+:|--+")
_BAR = re.compile(r"(?<!\\)\|")
_CODE = re.compile(r"`[^`]+`")
_CONTAINER = re.compile(r"^[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+[ \t>]*)*")
_STARTS_ITEM = re.compile(r"[ \t>]*(?:[-*+]|\d{1,9}[.)])[ \t]")
_AUTOLINK = re.compile(r"<([^\s<>]+[@:][^\s<>]*)>")
_ROW = re.compile(r"<(?:tr|table)\b[^<>]*>", re.IGNORECASE)
_CELL = re.compile(r"<t[dh]\b[^<>]*>", re.IGNORECASE)
_CELL_END = re.compile(r"</t[dhr]\s*>|</t(?:able|body|head|foot)\s*>", re.IGNORECASE)
_HTML_TABLE = re.compile(r"<table\b", re.IGNORECASE)
_IMAGE = re.compile(r"!\[[^\[\]]*\](?:\([^()\s]*(?:\([^()]*\)[^()]*)*\)|\[[^\[\]]*\])?")
_LINK = re.compile(r"\[([^\[\]]*)\](?:\([^()]*(?:\([^()]*\)[^()]*)*\)|\[[^\[\]]*\])")
_QUOTES = str.maketrans("‘’“”", "''\"\"")
_MARKUP = re.compile(r"[*_`\\~<>\[\]]|==")

Table = tuple[tuple[str, ...], ...]
"""Rows of cells; those that are empty, and rules, are left out."""


def tables(raw: RawText) -> tuple[Table, ...]:
    """Find the tables of a text's prose."""
    return (*_pipe_tables(raw.lines), *_html_tables("\n".join(raw.lines)))


def plain_cell(text: str) -> str:
    """What a reader sees of a cell, blanks as one."""
    text = _IMAGE.sub(" ", text)
    text = _LINK.sub(r" \1 ", text)
    text = _AUTOLINK.sub(r"\1", text)
    text = _MARKUP.sub(" ", decoded(cut_tags(text.replace("\\", ""))))
    return " ".join(text.translate(_QUOTES).split())


def _pipe_tables(lines: Sequence[str]) -> Iterator[Table]:
    index = 1
    while index < len(lines):
        header, separator = lines[index - 1], lines[index]
        index += 1
        if "|" not in separator or "|" not in header or not _SEPARATOR.fullmatch(separator):
            continue
        columns = len(_split(separator))
        rows = [_row(header, columns)]
        while index < len(lines) and "|" in lines[index]:
            if _STARTS_ITEM.match(lines[index]):
                break
            rows.append(_row(lines[index], columns))
            index += 1
        yield tuple(rows)


def _row(line: str, columns: int) -> tuple[str, ...]:
    """The cells of a row; a bar in code parts cells only if the columns do not come out else."""
    cells = _split(line)
    if len(cells) != columns and "`" in line:
        whole = _split(_CODE.sub(lambda match: match[0].replace("|", "\\|"), line))
        cells = whole if len(whole) == columns else cells
    return tuple(cell for cell in map(plain_cell, cells) if cell and not _RULE.fullmatch(cell))


def _split(line: str) -> list[str]:
    text = _CONTAINER.sub("", line).strip()
    return _BAR.split(text.removeprefix("|").removesuffix("|"))


def _html_tables(text: str) -> Iterator[Table]:
    for piece in _HTML_TABLE.split(text)[1:]:
        rows = (_html_row(row) for row in _ROW.split(piece))
        yield tuple(row for row in rows if row)


def _html_row(row: str) -> tuple[str, ...]:
    cells = (_CELL_END.split(cell, maxsplit=1)[0] for cell in _CELL.split(row)[1:])
    return tuple(filter(None, (plain_cell(cell) for cell in cells)))
