"""Bold lines that stand for headings become headings."""

from __future__ import annotations

import dataclasses
import itertools
import re

from guide.intake.model import Block, Change, Document, Section
from guide.intake.reading.markdown import render
from guide.intake.shape.phrasing import unbold

BY = "headings"
_MAX_WORDS = 10
_ENDS = re.compile(r"[.:;,!?…。：；，！？]$")


def headings(document: Document) -> Document:
    """Return the document with a section for each bold paragraph that has something under it."""
    changes: list[Change] = []
    return document.noting(changes, root=_read(document.root, changes))


def _read(section: Section, changes: list[Change]) -> Section:
    content: list[Block | Section] = []
    opened: Section | None = None
    for each, after in itertools.zip_longest(section.content, section.content[1:]):
        title = _title(each) if isinstance(each, Block) and _is_text(after) else ""
        if isinstance(each, Section) or title:
            content += [opened] if opened else []
            opened = None
        if isinstance(each, Section):
            content.append(_read(each, changes))
        elif title:
            changes.append(Change("changed", BY, each.line, f"a bold line into a heading: {title}"))
            opened = Section(title, section.depth + 1, each.line, each.end_line, heading=title)
        elif opened:
            inside = (*opened.content, each)
            opened = dataclasses.replace(opened, content=inside, end_line=each.end_line)
        else:
            content.append(each)
    content += [opened] if opened else []
    return dataclasses.replace(section, content=tuple(content))


def _is_text(each: Block | Section | None) -> bool:
    """Whether this can stand under a heading: nothing, a section or another label cannot."""
    return isinstance(each, Block) and not _title(each)


def _title(block: Block) -> str:
    if block.kind != "paragraph":
        return ""
    text = render([block])
    bare = unbold(text)
    short = "\n" not in text and len(bare.split()) <= _MAX_WORDS and len(bare) <= 80
    return bare if bare != text.strip() and short and not _ENDS.search(bare) else ""
