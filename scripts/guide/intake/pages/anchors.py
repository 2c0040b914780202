"""Where the headings and named places of a document stand now, under all names they may go by.

Sites make the id of a heading from its text, each in its own way: GitHub keeps every hyphen and
counts repeated headings, GitLab joins hyphens, Pandoc drops a leading number, editors encode.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import unquote

from guide.intake.model import Document, DraftPage, Section, Source
from guide.intake.reading.markdown import plain_title

_ATTRIBUTES = re.compile(r"[ ]*\{:?[ ]*(?P<list>[^{}]*)\}[ ]*#*$")
_GIVEN_ID = re.compile(r"(?:^|\s)#(?P<id>[^\s}]+)")
_PREFIXES = ("user-content-", "markdown-header-", "bookmark-", "heading-", "h-")
_COUNTED = re.compile(r"(?P<base>.+)[-_](?P<count>\d+)")
_TOP = frozenset(
    "top toc contents table-of-contents index back-to-top readme navigation start home 目录".split()
)
_ONLY_ANCHORS = re.compile(r"(?:\s|</?a\b[^<>]*>|<br\s*/?>|[*_-]{3,})*")
_HEADING = re.compile(r"[ ]{0,3}#{1,6}[ \t]+(?P<text>\S.*)")
_MAX_HEADING = 500
_NEAR = 3
"""Lines from an anchor to the heading that it names."""
_NOT_LETTERS = re.compile(r"[\W\d_]+")


@dataclass(frozen=True, slots=True)
class Place:
    """A section: the number of its page, and its number on that page, 0 for the page itself."""

    page: int
    section: int


class Anchors:
    """The places of one document in its pages, which stand in `folder` under docs/."""

    def __init__(self, pages: Sequence[DraftPage], document: Document, folder: str) -> None:
        self.pages = pages
        self.folder = folder
        self._sections = [tuple(page.root.walk()) for page in pages]
        self._lines = _by_line(self._sections)
        self._starts = [section.line for section, _ in self._lines]
        self._exact: dict[str, Place] = {}
        self._repeats: Counter[str] = Counter()
        self._loose: dict[str, list[Place]] = defaultdict(list)
        self._bare: dict[str, list[Place]] = defaultdict(list)
        for section, place in _headings(self._lines):
            self._add(section, place)
        self._source = document.source
        self._gone: dict[str, int] | None = None
        text = document.source.text.split("\n") if document.anchors else []
        first = document.source.first_line
        named = {name: self._at_line(line, text, first) for name, line in document.anchors.items()}
        for section, place in self._lines:
            if section.id:
                named.setdefault(section.id, place)
        for name, place in named.items():
            self._exact.setdefault(name.lower(), place)
            self._loose[_loose(name)].append(place)

    def find(self, anchor: str) -> Place | None:
        """The place that `anchor`, as a link writes it, means; None if there is none."""
        name = unquote(anchor).strip().lower()
        for prefix in ("", *_PREFIXES):
            bare = name.removeprefix(prefix)
            found = (bare != name or not prefix) and self._known(bare)
            if found:
                return found
        if _loose(name) in _TOP and self.pages:
            return Place(0, 0)
        return self._after_gone(_loose(name))

    def section(self, place: Place) -> Section:
        """The section at a place."""
        return self._sections[place.page][place.section]

    def _add(self, section: Section, place: Place) -> None:
        match = _ATTRIBUTES.search(section.heading)
        written = section.heading[: match.start()] if match else section.heading
        given = _GIVEN_ID.search(match["list"]) if match else None
        if given:
            self._exact.setdefault(given["id"].lower(), place)
        text = plain_title(" ".join(written.split()))
        base = github_slug(text)
        name = base
        while name in self._exact:
            self._repeats[base] += 1
            name = f"{base}-{self._repeats[base]}"
        self._exact[name] = place
        self._loose[_loose(text)].append(place)
        for bare in dict.fromkeys((_bare(text), _bare(plain_title(section.title)))):
            self._bare[bare].append(place)

    def _known(self, name: str) -> Place | None:
        if name in self._exact:
            return self._exact[name]
        key = _loose(name)
        if not key:
            return None
        if self._loose.get(key):
            return self._loose[key][0]
        counted = _COUNTED.fullmatch(key)
        if counted:
            same = self._loose.get(counted["base"], [])
            # Some sites count the second one as 1, others as 2.
            if 0 < int(counted["count"][:6]) < len(same):
                return same[int(counted["count"][:6])]
        only = self._bare.get(_bare(key), [])
        return only[0] if len(only) == 1 and _bare(key) else None

    def _after_gone(self, key: str) -> Place | None:
        """What came first under a heading of the document that is no section any more."""
        if self._gone is None:
            self._gone = dict(_source_headings(self._source))
        line = self._gone.get(key)
        after = bisect_left(self._starts, line) if line else len(self._lines)
        return self._lines[after][1] if after < len(self._lines) else None

    def _at_line(self, line: int, text: Sequence[str], first_line: int) -> Place:
        """The section that holds `line`, or that starts right after an anchor of its own."""
        after = bisect_right(self._starts, line)
        if after < len(self._starts) and self._starts[after] - line <= _NEAR:
            between = text[line - first_line : self._starts[after] - first_line]
            if _ONLY_ANCHORS.fullmatch("\n".join(between)):
                return self._lines[after][1]
        return self._lines[after - 1][1] if after else Place(0, 0)


def github_slug(text: str) -> str:
    """The id that GitHub makes of the plain text of a heading."""
    kept = (
        char
        for char in text.strip().lower()
        if char in "-_ " or unicodedata.category(char)[0] in "LNM"
    )
    return "".join(kept).replace(" ", "-")


def _source_headings(source: Source) -> Iterator[tuple[str, int]]:
    """Yield the loose form and the line of each heading that the source marks with `#`."""
    in_code = False
    for line, text in enumerate(source.text.split("\n"), source.first_line):
        in_code ^= text.lstrip().startswith(("```", "~~~"))
        match = None if in_code or len(text) > _MAX_HEADING else _HEADING.fullmatch(text)
        if match:
            yield _loose(plain_title(match["text"])), line


def _by_line(pages: Sequence[Sequence[Section]]) -> list[tuple[Section, Place]]:
    """All sections in the order of the document."""
    found = [
        (section, Place(page, number))
        for page, sections in enumerate(pages)
        for number, section in enumerate(sections)
    ]
    return sorted(found, key=lambda entry: entry[0].line)


def _headings(lines: Sequence[tuple[Section, Place]]) -> Iterator[tuple[Section, Place]]:
    """Yield what was a heading; a part that continues another has the heading of that one."""
    seen: set[tuple[int, str]] = set()
    for section, place in lines:
        key = (section.line, section.heading)
        if section.heading and key not in seen:
            yield section, place
        seen.add(key)


def _loose(text: str) -> str:
    """Letters and digits only, in one case, with single hyphens between."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    kept = (
        char if unicodedata.category(char)[0] in "LN" or unicodedata.combining(char) else "-"
        for char in folded
    )
    return "-".join(part for part in "".join(kept).split("-") if part)


def _bare(text: str) -> str:
    """The same without anything before the first letter."""
    key = _loose(text)
    match = _NOT_LETTERS.match(key)
    return key[match.end() :] if match else key
