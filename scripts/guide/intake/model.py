"""What passes hand on: a document of blocks, then an outline of sections, and the changes made."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from markdown_it.token import Token

ChangeKind = Literal["removed", "changed", "inferred", "flagged", "repaired"]
Role = Literal["section", "question"]
UnitKind = Literal["question", "section", "bullet", "code", "table", "list", "diagram"]


class IntakeError(Exception):
    """Why a document cannot be read; the message says what is wrong, `hint` what to do."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Source:
    """A document as it was read: its text with LF, and what it takes to find things in it again.

    `name` is the file's name without its extension; `sha256` is of the bytes, `encoding` the one
    they were in, `front` the YAML between the dashes (None without any), `first_line` the line on
    which `text` starts.
    """

    name: str
    text: str
    sha256: str
    encoding: str
    front: str | None = None
    first_line: int = 1


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that the normalizer did or noticed.

    `before` is the text of the document that is no longer in the output (or no longer as it was),
    word for word: what is removed or replaced is accounted for here.
    """

    kind: ChangeKind
    by: str
    line: int
    message: str
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """A block at the top of a document or section: its kind and its tokens.

    `kind` is the type of the first token without `_open`: heading, paragraph, fence, code_block,
    bullet_list, ordered_list, blockquote, table, html_block, hr, dl, math_block, house_block and
    so on. Lines count from 1 in the file. Tokens are never changed in place.
    """

    kind: str
    tokens: tuple[Token, ...]
    line: int
    end_line: int

    @property
    def text(self) -> str:
        """The Markdown of its first inline content: of a heading, a paragraph, a summary."""
        return next((token.content for token in self.tokens if token.type == "inline"), "")


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what stands under it, in order; the root has no title and is level 0.

    `title` is inline Markdown, `heading` the same as the document wrote it (`Q12: What is ...`),
    from which links inside the document are made. `id` and `classes` come from an attribute list
    or from a pass. `level` is the guide's level of what stands in it, or empty.
    """

    title: str
    depth: int
    line: int
    end_line: int
    content: tuple[Block | Section, ...] = ()
    role: Role = "section"
    id: str = ""
    classes: tuple[str, ...] = ()
    level: str = ""
    heading: str = ""

    @property
    def blocks(self) -> tuple[Block, ...]:
        """Its own blocks, without those of sections in it."""
        return tuple(each for each in self.content if isinstance(each, Block))

    @property
    def sections(self) -> tuple[Section, ...]:
        """The sections directly in it."""
        return tuple(each for each in self.content if isinstance(each, Section))

    def walk(self) -> Iterator[Section]:
        """Yield this section and all in it, in reading order."""
        yield self
        for each in self.sections:
            yield from each.walk()


@dataclass(frozen=True, slots=True)
class Document:
    """A document on its way: `blocks` until the outline is made, then `root`.

    `anchors` are places that the document itself named (`<a name="x">`), each with its line.
    """

    source: Source
    blocks: tuple[Block, ...] = ()
    root: Section = Section("", 0, 1, 1)
    changes: tuple[Change, ...] = ()
    anchors: Mapping[str, int] = dataclasses.field(default_factory=dict)

    def noting(self, changes: Iterable[Change], **fields: Any) -> Document:
        """Return the document with new fields and with `changes` after those so far."""
        return dataclasses.replace(self, changes=(*self.changes, *changes), **fields)


Pass = Callable[[Document], Document]


@dataclass(frozen=True, slots=True)
class UnitText:
    """What a unit of a document says: its own words, without those of its children.

    `id` is unique in the document (`q01`, `q01-code1`). `title` is the heading, the question or
    the bold lead of a bullet; for code, tables, lists and diagrams the label above them, if there
    is one. `text` is Markdown; for code it is the code, for a diagram its source, for a table its
    cells. `parent` is the id of the unit around it.
    """

    id: str
    kind: UnitKind
    title: str
    text: str
    parent: str | None


@dataclass(frozen=True, slots=True)
class Unit(UnitText):
    """A piece of the document that the ledger follows, and its lines in the file, from 1."""

    line: int
    end_line: int


@dataclass(frozen=True, slots=True)
class DraftPage:
    """A page to be written: `name` is the file's name without `.md`, `root` what stands on it.

    `level` is empty where it could not be told; `tags` are ids of docs/tags.yml.
    """

    name: str
    title: str
    description: str
    root: Section
    level: str = ""
    tags: tuple[str, ...] = ()


def map_blocks(section: Section, change: Callable[[Block], Iterable[Block]]) -> Section:
    """Return `section` with each block, at any depth, replaced by those that `change` makes."""
    content: list[Block | Section] = []
    for each in section.content:
        if isinstance(each, Section):
            content.append(map_blocks(each, change))
        else:
            content.extend(change(each))
    return dataclasses.replace(section, content=tuple(content))
