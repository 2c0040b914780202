"""The passes in their order: from a file to draft pages, everything but the guide's own checks."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from guide.intake.code.diagrams import diagrams
from guide.intake.code.fence_labels import fence_labels
from guide.intake.code.tabs import tabs
from guide.intake.markup.flavors import abbreviations, flavors
from guide.intake.markup.html import html
from guide.intake.markup.notes import notes, reference_changes
from guide.intake.model import Block, Change, Document, DraftPage, IntakeError, Pass
from guide.intake.pages.anchors import Anchors
from guide.intake.pages.ids import with_ids
from guide.intake.pages.links import rewrite_links
from guide.intake.pages.paging import page
from guide.intake.reading.fence_repair import repair_fences
from guide.intake.reading.markdown import parse
from guide.intake.reading.source import read_document
from guide.intake.shape.contents import contents
from guide.intake.shape.front import Front, read_front
from guide.intake.shape.headings import headings
from guide.intake.shape.levels import levels
from guide.intake.shape.outline import outline
from guide.intake.shape.questions import questions

FLAT: Sequence[Pass] = (abbreviations, html, flavors, notes)
"""Passes over the blocks of a document, before it has an outline."""
OUTLINED: Sequence[Pass] = (contents, questions)
"""Passes over its sections."""
_MARKUP = re.compile(r"<!--.*?-->|<[^<>]*>", re.DOTALL)
_WORD = re.compile(r"\w")
LABELLED: Sequence[Pass] = (fence_labels, tabs, headings, diagrams)
"""Passes over its code, which needs its language first, and over what is left as bold labels."""


@dataclass(frozen=True, slots=True)
class Outlined:
    """A document with its outline; `read` are its blocks before any pass changed them."""

    document: Document
    front: Front
    read: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Drafted:
    """A document as pages: its title, what it said of itself, and all that was noted.

    `copies` are images: file of the document -> path under docs/.
    """

    document: Document
    front: Front
    read: tuple[Block, ...]
    title: str
    pages: tuple[DraftPage, ...]
    anchors: Anchors
    copies: Mapping[Path, str]


def outlined(path: Path, tags: Iterable[str]) -> Outlined:
    """Read the document at `path` and pass it through all passes but the last.

    `tags` are the ids that the guide knows. Raises IntakeError if it is no text.
    """
    front, document = read_front(read_document(path), tags)
    document = parsed(document)
    read = document.blocks
    if not any(map(_says_something, read)):
        raise IntakeError("there is no text in it", "give a document with something to read")
    for each in FLAT:
        document = each(document)
    document = outline(document)
    for each in (*OUTLINED, *LABELLED):
        document = each(document)
    return Outlined(levels(document, front.level), front, read)


def cut(outlined: Outlined, folder: str, taken: Container[str]) -> Drafted:
    """Cut a document into pages for `folder` under docs/; links are still those of the document.

    `taken` are the ids of questions elsewhere in the guide.
    """
    paged = page(outlined.document, outlined.front)
    changes: list[Change] = []
    pages = with_ids(paged.pages, taken, changes)
    document = paged.document.noting(changes)
    anchors = Anchors(pages, document, folder)
    return Drafted(document, outlined.front, outlined.read, paged.title, pages, anchors, {})


def linked(
    drafted: Drafted, beside: Path, neighbors: Mapping[str, Anchors], there: Container[str]
) -> Drafted:
    """Return the pages with links that lead to where things stand now.

    `beside` is the folder of the document, `neighbors` are documents of the same run by file
    name, `there` the paths under docs/ that exist.
    """
    done = rewrite_links(
        drafted.anchors, drafted.document, beside=beside, neighbors=neighbors, there=there
    )
    document = drafted.document.noting(done.changes)
    return dataclasses.replace(drafted, document=document, pages=done.pages, copies=done.copies)


def _says_something(block: Block) -> bool:
    """Whether a reader finds a word in a block, pictures and comments aside."""
    parts = [
        child.content
        for token in block.tokens
        for child in token.children or (token,)
        if child.type not in ("image", "inline")
    ]
    return _WORD.search(_MARKUP.sub("", "".join(parts))) is not None


def parsed(document: Document) -> Document:
    """Return the document with its blocks; open fences are repaired first."""
    source = document.source
    fences = repair_fences(source.text, source.first_line)
    read = parse(fences.text, source.first_line)
    document = document.noting(fences.changes, blocks=read.blocks)
    return document.noting(reference_changes(document, read.definitions))
