"""The code of a raw text, found line by line: a second opinion beside the parser's.

Conservation is proved with it, so it knows nothing of tokens: what the parser does not see as
code is found here all the same.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_QUOTE = re.compile(r"[ \t]*>[ ]?")
_QUOTES = re.compile(r"(?:[ \t]*>[ ]?)+")
_ITEM = re.compile(r"(?:[-*+]|\d{1,9}[.)])(?:(?=[ \t])|$)")
_INDENTING = re.compile(r'(?:!!!|\?\?\?\+?)[ \t]+\S|===[!+]?[ \t]+"|\[\^[^\]\n]+\]:|:[ \t]+\S')
"""Openings of blocks whose content is indented by four: admonitions, tabs, notes, definitions."""
_ITEM_STARTS = frozenset("-*+0123456789")
_INDENTING_STARTS = frozenset("!?=[:")
_FENCE = re.compile(r"(?P<fence>`{3,}|~{3,})(?P<info>.*)$")
_BREAK = re.compile(r"(?:[-*_][ \t]*){3,}$")
_CODE_INDENT = 4
_MAX_DEPTH = 100


@dataclass(frozen=True, slots=True)
class RawCode:
    """A text cut in two: its lines without code, and the code's lines, right-stripped.

    `prose` has as many lines as the text; those of code are empty, that of an opening fence has
    what follows the fence. `doubtful` says that the fences do not pair up as written, so that
    nobody can tell for certain which lines are code.
    """

    prose: tuple[str, ...]
    code: tuple[str, ...]
    doubtful: bool = False


def raw_code(text: str) -> RawCode:
    """Find fenced and indented code, also inside lists, quotes and admonitions."""
    scanner = _Scanner()
    for line in text.split("\n"):
        scanner.feed(line)
    return scanner.finish()


def dedented(lines: list[str]) -> list[str]:
    """Lines that are not blank without their common indentation; tabs are four columns wide."""
    full = [_spaced(line).rstrip() for line in lines if line.strip()]
    common = min((_indent(line) for line in full), default=0)
    return [line[common:] for line in full]


class _Scanner:
    def __init__(self) -> None:
        self.prose: list[str] = []
        self.code: list[str] = []
        self.doubtful = False
        self.block: list[str] = []
        """The lines of the code block that is open."""
        self.fence = ""
        self.fence_depth = self.fence_column = 0
        self.in_indented = False
        self.columns: list[list[int]] = [[]]
        """Where the content of open list items starts, for each depth of quotes."""
        self.blank = True

    @property
    def base(self) -> int:
        return self.columns[-1][-1] if self.columns[-1] else 0

    def feed(self, line: str) -> None:
        if self.fence and self._in_fence(line):
            return
        quotes = _QUOTES.match(line) if ">" in line else None
        depth = min(quotes[0].count(">"), _MAX_DEPTH) if quotes else 0
        inner = line[quotes.end() :] if quotes else line
        if depth != len(self.columns) - 1:
            self._close()
            del self.columns[depth + 1 :]
            self.columns.extend([] for _ in range(depth + 1 - len(self.columns)))
            self.blank = True
        if inner.strip():
            self._line(inner)
        else:
            self.prose.append("")
            self.blank = True

    def finish(self) -> RawCode:
        self.doubtful |= bool(self.fence)
        self._close()
        return RawCode(tuple(self.prose), tuple(self.code), self.doubtful)

    def _in_fence(self, line: str) -> bool:
        """Take a line that belongs to the open fence; False if its list or quote ended before."""
        inner = line
        for _ in range(self.fence_depth):
            quote = _QUOTE.match(inner)
            if quote is None:
                self.doubtful |= bool(line.strip())
                self._close()
                return False
            inner = inner[quote.end() :]
        text = inner.strip()
        closing = text.startswith(self.fence)
        indent = _indent(_spaced(inner)) - self.base if text and (closing or self.base) else 0
        if indent < 0:  # its list item has ended, or its lines are not indented as they should be
            self.doubtful = True
        if closing and indent < _CODE_INDENT and not text.strip(self.fence[0]):
            self.prose.append("")
            self._close()
            return True
        self.doubtful |= closing  # a fence line inside a fence: was that closed before?
        blanks = min(_indent(inner), self.fence_column)  # a tab after them is the code's own
        self.block.append(inner[blanks:])
        self.prose.append("")
        return True

    def _line(self, inner: str) -> None:
        spaced = _spaced(inner)
        indent = _indent(spaced)
        text = spaced[indent:]
        columns = self.columns[-1]
        if columns and (self.blank or text.startswith(("#", "```", "~~~")) or _ITEM.match(text)):
            while columns and indent < columns[-1]:
                columns.pop()
        if indent - self.base >= _CODE_INDENT and (self.blank or self.in_indented):
            self.in_indented, self.blank = True, False
            self.doubtful |= text.startswith(("```", "~~~", "<"))
            self.block.append(spaced)
            self.prose.append("")
            return
        if self.block:
            self._close()
        is_deep = indent - self.base >= _CODE_INDENT
        if text[0] in _ITEM_STARTS:
            indent, text = self._open_items(indent, text)
            while (quotes := _QUOTES.match(text)) and len(self.columns) <= _MAX_DEPTH:
                self.columns.extend([] for _ in range(quotes[0].count(">")))
                indent, text = self._open_items(0, text[quotes.end() :])
        if text[:1] in _INDENTING_STARTS and _INDENTING.match(text):
            self.columns[-1].append(indent + _CODE_INDENT)
        fence = _FENCE.match(text)
        self.blank = bool(fence) or not text or (text.startswith("#") and not is_deep)
        if fence and not (fence["fence"][0] == "`" and "`" in fence["info"]):
            self.fence, self.fence_column = fence["fence"], indent
            self.fence_depth = len(self.columns) - 1
            self.prose.append(fence["info"])
        else:
            self.prose.append(inner)

    def _open_items(self, indent: int, text: str) -> tuple[int, str]:
        """Enter the list items that open on a line; return what is left and its column."""
        for _ in range(_MAX_DEPTH):
            match = _ITEM.match(text)
            if match is None or _BREAK.match(text):
                break
            rest = text[match.end() :]
            inside = rest.lstrip()
            gap = len(rest) - len(inside)
            indent += match.end() + (gap if inside and gap <= _CODE_INDENT else 1)
            self.columns[-1].append(indent)
            text = inside
        return indent, text

    def _close(self) -> None:
        self.code.extend(dedented(self.block))
        self.block, self.fence, self.in_indented = [], "", False


def _spaced(line: str) -> str:
    """The line with its leading tabs as blanks."""
    if "\t" not in line:
        return line
    rest = line.lstrip(" \t")
    return line[: len(line) - len(rest)].expandtabs(4) + rest


def _indent(spaced: str) -> int:
    return len(spaced) - len(spaced.lstrip(" "))
