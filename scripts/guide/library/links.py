"""Find every link and image of a page with its exact line and column.

Inline links are recognized by Python-Markdown's own link parser, so that nested brackets,
titles and angle brackets are read as the renderer reads them.
"""

from __future__ import annotations

import functools
import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Literal

import markdown
from markdown.inlinepatterns import AUTOLINK_RE, LinkInlineProcessor

LinkKind = Literal["inline", "image", "reference", "autolink", "html"]
MAX_TARGET = 2_000
"""Characters of a target, with its title, that are looked at; browsers refuse longer addresses."""
_BRACKET = re.compile(r"[\[\]]")
_OPENING = re.compile(r"(?P<image>!?)\[")
_DEFINITION = re.compile(
    r"^[ ]{0,3}\[(?P<id>[^\[\]]+)\]:[ \t]*\n?[ \t]*<?(?P<target>[^\s>]+)>?", re.MULTILINE
)
_REFERENCE_ID = re.compile(r"[ ]?\[(?P<id>[^\]]*)\]")
_AUTOLINK = re.compile(AUTOLINK_RE)
_URL_ATTRIBUTES = ("href", "src", "srcset", "poster")


@dataclass(frozen=True, slots=True)
class Link:
    """One link: `target` as written, `text` as the reader sees it.

    `joint` is the place of `](`, for links that have it: text may run over several lines.
    """

    kind: LinkKind
    target: str
    text: str
    line: int
    column: int
    joint: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Definition:
    """A reference definition, `[label]: target`; `used` tells whether a link names it."""

    label: str
    target: str
    used: bool
    line: int
    column: int


def find_definitions(prose: str, first_line: int) -> tuple[Definition, ...]:
    """Find the reference definitions of `prose`, in document order."""
    places = _Places(prose, first_line)
    matches = list(_DEFINITION.finditer(prose))
    if not matches:
        return ()
    links = _bracketed(prose, {_key(m["id"]): m["id"] for m in matches}, places, prose)
    used = {_key(link.target) for link in links if link.kind == "reference"}
    return tuple(
        Definition(match["id"], match["target"], _key(match["id"]) in used, *places(match.start()))
        for match in matches
    )


def find_links(prose: str, first_line: int, text: str = "") -> tuple[Link, ...]:
    """Find the links of `prose`, a text with code blanked out, in document order.

    `text` is the same with inline code, for what the reader sees of each link.
    """
    definitions = {_key(m["id"]): m["target"] for m in _DEFINITION.finditer(prose)}
    places = _Places(prose, first_line)
    found = [
        *_bracketed(prose, definitions, places, text or prose),
        *_autolinks(prose, places),
        *_html_links(prose, first_line),
    ]
    return tuple(sorted(found, key=lambda link: (link.line, link.column)))


class _LinkParser(LinkInlineProcessor):
    """The renderer's parser, used outside a conversion: nothing is stashed to be restored."""

    def unescape(self, text: str) -> str:
        return text


@functools.cache
def _parser() -> _LinkParser:
    return _LinkParser(r"\[", markdown.Markdown())


class _Places:
    """Turns an offset in the text into line and column."""

    def __init__(self, text: str, first_line: int) -> None:
        self._starts = [0, *(match.end() for match in re.finditer("\n", text))]
        self._first_line = first_line

    def __call__(self, offset: int) -> tuple[int, int]:
        row = bisect_right(self._starts, offset) - 1
        return row + self._first_line, offset - self._starts[row] + 1


def _bracketed(
    prose: str, definitions: dict[str, str], places: _Places, visible: str
) -> Iterator[Link]:
    parser = _parser()
    for offset, block in _paragraphs(prose):
        defining = {match.start("id") for match in _DEFINITION.finditer(block)}
        closings = _closings(block)
        done = 0
        for opening in _OPENING.finditer(block):
            if opening.start() < done or opening.end() in defining:
                continue
            after = closings.get(opening.end() - 1, 0)
            if not after:
                continue
            text = block[opening.end() : after - 1]
            shown = visible[offset + opening.end() : offset + after - 1]
            line, column = places(offset + opening.start())
            target, _, _, handled = parser.getLink(block[after : after + MAX_TARGET], 0)
            if handled:
                kind: LinkKind = "image" if opening["image"] else "inline"
                yield Link(kind, target, shown, line, column, places(offset + after - 1))
                continue
            reference = _REFERENCE_ID.match(block, after)
            key = _key((reference["id"] if reference else "") or text)
            if key in definitions:
                done = reference.end() if reference else after
                yield Link("reference", definitions[key], shown, line, column)


def _paragraphs(prose: str) -> Iterator[tuple[int, str]]:
    """Yield each run of lines that are not blank, with its offset."""
    start = offset = 0
    for line in prose.split("\n"):
        end = offset + len(line) + 1
        if not line.strip():
            if offset > start:
                yield start, prose[start:offset]
            start = end
        offset = end
    if offset > start:
        yield start, prose[start:]


def _closings(block: str) -> dict[int, int]:
    """For each bracket that is closed, the offset after the one that closes it."""
    opened: list[int] = []
    closings = {}
    for bracket in _BRACKET.finditer(block):
        if bracket[0] == "[":
            opened.append(bracket.start())
        elif opened:
            closings[opened.pop()] = bracket.end()
    return closings


def _autolinks(prose: str, places: _Places) -> Iterator[Link]:
    for match in _AUTOLINK.finditer(prose):
        line, column = places(match.start())
        yield Link("autolink", match[1], match[1], line, column)


def _html_links(prose: str, first_line: int) -> list[Link]:
    if "<" not in prose:
        return []
    collector = _HtmlLinks(first_line)
    collector.feed(prose)
    return collector.links


class _HtmlLinks(HTMLParser):
    def __init__(self, first_line: int) -> None:
        super().__init__(convert_charrefs=True)
        self.links: list[Link] = []
        self._first_line = first_line

    def parse_marked_section(self, i: int, report: int = 1) -> int:
        """Read `<![...` as browsers do, as a comment up to `>`; the parser's own way may raise."""
        end = self.rawdata.find(">", i)
        return end + 1 if end >= 0 else -1

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        line, offset = self.getpos()
        for name, value in attrs:
            if name in _URL_ATTRIBUTES and value:
                targets = [value] if name != "srcset" else _srcset(value)
                self.links.extend(
                    Link("html", target, "", line + self._first_line - 1, offset + 1)
                    for target in targets
                )


def _srcset(value: str) -> list[str]:
    return [part.split()[0] for part in value.split(",") if part.strip()]


def _key(label: str) -> str:
    return " ".join(label.lower().split())
