"""A raw text without the names that are only markup: what words, links and cells are read from.

Like the other `raw_` modules this looks at text alone and knows nothing of tokens: conservation
is proved with it, and a blind spot of the parser must not be one here.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from guide.intake.reporting.raw_code import raw_code

_NAMES = """
    a abbr address article aside audio b bdi bdo big blockquote body br button caption center cite
    code col colgroup dd del details dfn dir div dl dt em embed fieldset figcaption figure font
    footer form frame h1 h2 h3 h4 h5 h6 head header hr html i iframe img input ins kbd label legend
    li link main mark meta nav noscript ol option p picture pre q s samp script section select
    small source span strike strong style sub summary sup table tbody td textarea tfoot th thead
    tr tt u ul var video wbr
    """.split()
_TAG = re.compile(
    rf"(?<!\]\()(?<!\]: )</?(?P<name>{'|'.join(_NAMES)}|{'|'.join(_NAMES).upper()})(?=[\s/>])"
    r"""(?P<attributes>(?:[^<>"']|"[^"<]*"|'[^'<]*')*)>"""
)
_GLUED = frozenset(("span", "font", "wbr"))
"""Tags that leave no trace: the words on both sides of one are one word."""
_KEPT = re.compile(
    r"""\b(?:href|src|alt|title|id)\s*=\s*("[^"]*"|'[^']*'|[^\s"'>]+)""", re.IGNORECASE
)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
_TICKS = re.compile(r"`+")
_NEW_BLOCK = re.compile(r"\n[ \t>]*(?:\n|[-*+|#]|\d+[.)])")
_ITEM = re.compile(
    r"^(?P<before>[ \t>]*)(?P<marks>(?:(?:[-*+]|\d{1,9}[.)])(?:[ \t]+[ \t>]*|$))+)"
    r"(?:\[[xX]\](?=[ \t]))?",
    re.MULTILINE,
)
"""The marks of the items that a line starts, one in the other."""
_QUOTE = re.compile(r"^[ \t>]+", re.MULTILINE)
_NUMBER = re.compile(r"\d+")
_ABBREVIATION = re.compile(r"^([ \t>]*(?:- )?)\*\[([^\[\]\n]+)\]:", re.MULTILINE)
_WIKI_LINK = re.compile(r"\[\[(#?[^\W\d_][^\[\]|\n]*)\]\]")
_DEFINITION = re.compile(
    r"^(?P<before>[ \t>]*(?:[-*+][ \t]+)?)\[(?:(?P<note>\^[^\[\]\n]+)\]:|"
    r"(?P<label>[^\[\]\n^][^\[\]\n]*)\]:(?=[ \t]*(?:<[^<>\n]*>|\S+)[ \t]*(?:[\"'(].*)?$))",
    re.MULTILINE,
)
_LABEL = re.compile(r"(?:(?<=\])\[(?P<label>[^\[\]\n]+)\]|\[(?P<note>\^[^\[\]\n]+)\])")
_ENTITY_ROUNDS = 3


@dataclass(frozen=True, slots=True)
class RawText:
    """A text taken apart: its lines without code, the same as text without spans, and the rest.

    `prose` has no numbers of list items and no labels of references either. `numbers` are those
    of list items, `spans` the contents of code spans, `code` the lines of code; `doubtful` says
    that nobody can tell for certain which lines are code.
    """

    lines: tuple[str, ...]
    prose: str
    numbers: tuple[str, ...]
    spans: tuple[str, ...]
    code: tuple[str, ...]
    doubtful: bool


def raw_text(text: str) -> RawText:
    """Take a text apart."""
    found = raw_code(text)
    text = "\n".join(found.prose)
    numbers = tuple(
        number for match in _ITEM.finditer(text) for number in _NUMBER.findall(match["marks"])
    )
    prose, spans = _cut_spans(_without_marks(text))
    return RawText(found.prose, prose, numbers, spans, found.code, found.doubtful)


def decoded(text: str) -> str:
    """Return `text` with entities decoded (also those of an escaped `&`), in composed form."""
    for _ in range(_ENTITY_ROUNDS):
        before, text = text, _ENTITY.sub(lambda match: html.unescape(match[0]), text)
        if text == before:
            break
    return unicodedata.normalize("NFC", _INVISIBLE.sub("", text))


def without_tags(text: str) -> str:
    """Return `text` with each known HTML tag replaced by what its attributes say to readers."""
    return _TAG.sub(_attributes, text) if "<" in text else text


def cut_tags(text: str) -> str:
    """Return `text` with each known HTML tag, and what its attributes say, cut out."""
    return _TAG.sub(_gap, text) if "<" in text else text


def without_items(text: str) -> str:
    """Return `text` without the marks of list items and quotations at the starts of its lines."""
    return _QUOTE.sub("", _ITEM.sub("", text))


def _attributes(match: re.Match[str]) -> str:
    values = " ".join(value.strip("\"'") for value in _KEPT.findall(match["attributes"]))
    return f" {values} " if values else _gap(match)


def _gap(match: re.Match[str]) -> str:
    return "" if match["name"].lower() in _GLUED else " "


def _without_marks(text: str) -> str:
    """Take out numbers of items, marks of tasks and the labels of definitions and notes.

    Labels that nothing defines are text.
    """
    text = _WIKI_LINK.sub(r"\1", _ITEM.sub(r"\g<before>- ", text))
    text = _ABBREVIATION.sub(r"\1\2:", text)
    text = text.replace("www&#46;", "www.")
    if "]:" not in text:
        return text
    labels = {_folded(match["label"] or match["note"]) for match in _DEFINITION.finditer(text)}
    text = _DEFINITION.sub(lambda match: match["before"] + ("" if match["note"] else "[]:"), text)
    return _LABEL.sub(
        lambda match: "" if _folded(match["label"] or match["note"]) in labels else match[0], text
    )


def _folded(label: str) -> str:
    return " ".join(label.casefold().split())


def _cut_spans(text: str) -> tuple[str, tuple[str, ...]]:
    """Cut code spans out: the text with a blank for each, and the spans' contents.

    A span does not reach beyond its paragraph, list item or table row.
    """
    runs = list(_TICKS.finditer(text))
    closers = _closers(text, runs)
    pieces, spans, at, index = [], [], 0, 0
    while index < len(runs):
        closer = closers.get(index)
        if closer is None or _escaped(text, runs[index].start()):
            index += 1
            continue
        pieces.append(text[at : runs[index].start()])
        spans.append(text[runs[index].end() : runs[closer].start()])
        at, index = runs[closer].end(), closer + 1
    pieces.append(text[at:])
    return " ".join(pieces), tuple(spans)


def _closers(text: str, runs: Sequence[re.Match[str]]) -> dict[int, int]:
    """For each run of backticks the next one of its length in the same block."""
    closers: dict[int, int] = {}
    following: dict[int, int] = {}
    next_start = len(text)
    for index in range(len(runs) - 1, -1, -1):
        start, end = runs[index].span()
        if _NEW_BLOCK.search(text, end, next_start):
            following = {}
        if end - start in following:
            closers[index] = following[end - start]
        following[end - start] = index
        next_start = start
    return closers


def _escaped(text: str, at: int) -> bool:
    start = at
    while start and text[start - 1] == "\\":
        start -= 1
    return (at - start) % 2 == 1
