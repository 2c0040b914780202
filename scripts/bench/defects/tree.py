"""The project's texts as injectors see them: lines with a kind, read without the guide's parsers.

A benchmark that found its places with the code under test would share its blind spots, so the
few questions asked of Markdown here are answered by line, for the plain style of this guide.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal, TypeVar

LineKind = Literal["head", "fence", "code", "blank", "heading", "table", "list", "block", "prose"]
T = TypeVar("T")

_TEXTS = frozenset({".md", ".yml", ".py", ".go", ".mjs", ".http", ".sql", ".txt"})
_FENCE = re.compile(r"^\s*(`{3,}|~{3,})(.*)$")
_LIST = re.compile(r"^\s*(?:[-*+]|\d+\.)\s")
_LABEL = re.compile(r"\*\*[\w ]+\.\*\*")
_NAV_PAGE = re.compile(r"[\w./-]+\.md")


class NoPlaceError(LookupError):
    """There is no place in the tree for this class of edit."""


@dataclass(frozen=True, slots=True)
class Injection:
    """One edit: the whole new `text` of `file` (relative to the project root).

    `line` is where the defect stands in the new text. `also` names further places that a tool
    may rightly blame instead, such as the other one of two headings that clash.
    """

    file: str
    text: str
    line: int
    about: str
    also: tuple[tuple[str, int], ...] = ()

    @property
    def places(self) -> tuple[tuple[str, int], ...]:
        """Every place at which a report counts as located."""
        return ((self.file, self.line), *self.also)

    def or_at(self, *places: tuple[str, int]) -> Injection:
        """The same edit, for which a tool may rightly blame one of `places` instead."""
        return replace(self, also=places)


@dataclass(frozen=True, slots=True)
class Page:
    """A text file by lines (without newlines); `kinds` runs in parallel. Indexes count from 0."""

    file: str
    lines: tuple[str, ...]
    kinds: tuple[LineKind, ...] = field(repr=False)

    @classmethod
    def of(cls, file: str, text: str) -> Page:
        """Split and classify `text`."""
        lines = tuple(text.split("\n"))
        return cls(file, lines, tuple(_classify(lines)) if file.endswith(".md") else ())

    def at(self, *kinds: LineKind) -> Iterator[int]:
        """Indexes of the lines of these kinds."""
        return (index for index, kind in enumerate(self.kinds) if kind in kinds)

    def find(self, pattern: str, *kinds: LineKind) -> list[tuple[int, re.Match[str]]]:
        """Every match of `pattern` with its line, on lines of these kinds (all, if none)."""
        rows = self.at(*kinds) if kinds else range(len(self.lines))
        return [(row, match) for row in rows for match in re.finditer(pattern, self.lines[row])]

    def paragraphs(self) -> list[tuple[int, int]]:
        """First and last line of every paragraph at the left margin; bare labels are none."""
        found = []
        start = None
        for row, kind in enumerate((*self.kinds, "blank")):
            if kind == "prose" and not self.lines[row].startswith((" ", "\t")):
                start = row if start is None else start
            elif start is not None:
                before = self.kinds[start - 1] if start else "blank"
                label = _LABEL.fullmatch(self.lines[start])
                if kind == "blank" and before == "blank" and not label:
                    found.append((start, row - 1))
                start = None
        return found

    def fences(self) -> list[tuple[int, int]]:
        """Opening and closing line of every fence."""
        rows = list(self.at("fence"))
        return list(zip(rows[::2], rows[1::2], strict=False))

    def edited(self, row: int, *new: str, until: int | None = None) -> str:
        """The whole text with the lines `row` to `until` (itself by default) replaced by `new`."""
        end = row if until is None else until
        return "\n".join((*self.lines[:row], *new, *self.lines[end + 1 :]))


@dataclass(frozen=True, slots=True)
class Tree:
    """The texts of a project by path relative to its root."""

    texts: Mapping[str, str]
    pages: tuple[Page, ...]
    files: frozenset[str]

    @classmethod
    def read(cls, root: Path) -> Tree:
        """Read docs/ and mkdocs.yml of the project at `root`."""
        texts = {"mkdocs.yml": (root / "mkdocs.yml").read_text("utf-8")}
        files = set()
        for path in sorted((root / "docs").rglob("*")):
            if not path.is_file() or "__pycache__" in path.parts:
                continue
            name = path.relative_to(root).as_posix()
            files.add(name)
            if path.suffix in _TEXTS:
                texts[name] = path.read_text("utf-8")
        pages = tuple(Page.of(name, text) for name, text in texts.items() if name.endswith(".md"))
        # Pages that the build generates are links' targets too; the navigation names them all.
        named = {f"docs/{name}" for name in _NAV_PAGE.findall(texts["mkdocs.yml"])}
        return cls(texts, pages, frozenset(files | named))

    @property
    def topics(self) -> tuple[Page, ...]:
        """Topic pages: those with interview questions."""
        return tuple(page for page in self.pages if "## Interview questions" in page.lines)

    def data(self, name: str) -> Page:
        """A data file under docs/, or mkdocs.yml."""
        file = name if name == "mkdocs.yml" else f"docs/{name}"
        return Page.of(file, self.texts[file])

    def mentions(self, text: str, *files: str) -> tuple[tuple[str, int], ...]:
        """Places (line from 1) where `text` occurs in `files`, in all texts by default."""
        return tuple(
            (file, number)
            for file in files or self.texts
            for number, line in enumerate(self.texts[file].split("\n"), 1)
            if text in line
        )


def choose(
    rng: random.Random, pages: Sequence[Page], candidates: Callable[[Page], Sequence[T]]
) -> tuple[Page, T]:
    """A random page that has candidates, and one of them; raise NoPlaceError if no page has any."""
    for page in rng.sample(list(pages), len(pages)):
        if found := candidates(page):
            return page, rng.choice(found)
    raise NoPlaceError("no page has a place for it")


def insert_block(
    rng: random.Random, pages: Sequence[Page], *block: str, at: int = 0, about: str = ""
) -> Injection:
    """Insert `block` after a random paragraph; the defect is its line `at`, from 0."""
    page, (_, end) = choose(rng, pages, Page.paragraphs)
    text = page.edited(end, page.lines[end], "", *block)
    return Injection(page.file, text, end + 3 + at, about or block[at].strip())


def add_sentence(
    rng: random.Random,
    pages: Sequence[Page],
    sentence: Callable[[Page], str] | str,
    about: str = "",
) -> Injection:
    """Add a sentence to the end of a random paragraph, or as a paragraph of its own."""
    page, (_, end) = choose(rng, pages, Page.paragraphs)
    new = sentence if isinstance(sentence, str) else sentence(page)
    style = rng.choice(("same line", "next line", "paragraph"))
    if style == "same line":
        return Injection(
            page.file, page.edited(end, f"{page.lines[end]} {new}"), end + 1, about or new
        )
    gap = [""] if style == "paragraph" else []
    text = page.edited(end, page.lines[end], *gap, new)
    return Injection(page.file, text, end + 2 + len(gap), about or new)


def replace_match(
    page: Page, row: int, match: re.Match[str], new: str, about: str = "", group: int | str = 0
) -> Injection:
    """Replace one group of a match on line `row`."""
    line = page.lines[row]
    start, end = match.span(group)
    changed = line[:start] + new + line[end:]
    return Injection(
        page.file, page.edited(row, changed), row + 1, about or f"{match[group]} -> {new}"
    )


def misspell(rng: random.Random, word: str) -> str:
    """Swap, drop or double one inner letter so that `word` changes."""
    for _ in range(50):
        index = rng.randrange(1, max(2, len(word) - 1))
        variants = (
            word[: index - 1] + word[index : index + 1] + word[index - 1] + word[index + 1 :],
            word[:index] + word[index + 1 :],
            word[:index] + word[index - 1] + word[index:],
        )
        new = rng.choice(variants)
        if new != word and new:
            return new
    return f"{word}x"


def _classify(lines: Sequence[str]) -> Iterator[LineKind]:
    head = bool(lines) and lines[0] == "---"
    fence = ""
    for row, line in enumerate(lines):
        if head:
            yield "head"
            head = row == 0 or line != "---"
            continue
        match = _FENCE.match(line)
        if fence:
            closes = match and match[1].startswith(fence) and not match[2].strip()
            yield "fence" if closes else "code"
            fence = "" if closes else fence
        elif match:
            fence = match[1]
            yield "fence"
        else:
            yield _kind(line)


def _kind(line: str) -> LineKind:
    stripped = line.strip()
    if not stripped:
        return "blank"
    if re.match(r"#{1,6} ", line):
        return "heading"
    if stripped.startswith("|"):
        return "table"
    if stripped.startswith("///"):
        return "block"
    return "list" if _LIST.match(line) else "prose"
