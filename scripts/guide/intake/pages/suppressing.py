"""Suppress what a document breaks by its own words: a comment with the reason before the block."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

_ITEM = re.compile(r"(?P<indent>[ >]*)(?P<marker>(?:[-*+]|\d+[.)])[ ]+)(?P<text>.*)")
_PREFIX = re.compile(r"[ ]*(?:>[ ]?)*[ ]*")
_FENCE = ("```", "~~~")


@dataclass(frozen=True, slots=True)
class Broken:
    """A rule that a line of a page breaks, and why that is left as it is."""

    rule: str
    line: int
    reason: str


def suppress(text: str, broken: Iterable[Broken], fences: Mapping[int, int]) -> str:
    """Return `text` with a comment for each rule and block; lines count from 1.

    `fences` are the code blocks: first line -> last line.
    """
    lines = text.split("\n")
    by_place: dict[int, dict[str, str]] = defaultdict(dict)
    for each in broken:
        by_place[_first_of_block(lines, each.line, fences)][each.rule] = each.reason
    for place in sorted(by_place, reverse=True):
        rules = by_place[place]
        comments = [f"<!-- allow {rule}: {rules[rule]} -->" for rule in sorted(rules)]
        lines[place - 1 : place] = _with(comments, lines, place)
    return "\n".join(lines)


def _first_of_block(lines: Sequence[str], line: int, fences: Mapping[int, int]) -> int:
    """The first line of the block that holds `line`; in a list, of its item."""
    for start, end in fences.items():
        if start < line <= end:
            line = start
    while line > 1 and lines[line - 2].strip(" >") and not _ITEM.match(lines[line - 1]):
        line -= 1
    return line


def _with(comments: Sequence[str], lines: Sequence[str], place: int) -> list[str]:
    """The line at `place`, with comments before it, or in it where it starts a list item."""
    line = lines[place - 1]
    item = _ITEM.match(line)
    if item is None:
        prefix = _PREFIX.match(line)
        before = prefix[0] if prefix else ""
        apart = (text for each in comments for text in (f"{before}{each}", before.rstrip()))
        return [*apart, line]
    if not item["text"].startswith(_FENCE):
        return [f"{line} {' '.join(comments)}"]
    inside = item["indent"] + "    "
    first = f"{item['indent']}{item['marker']}{comments[0]}"
    others = [text for each in comments[1:] for text in (f"{inside}{each}", "")]
    return [first, "", *others, f"{inside}{item['text']}"]
