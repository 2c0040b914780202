"""The level that a document gives its parts: Beginner, Middle, Senior, 高级 and their kin."""

from __future__ import annotations

import dataclasses

from guide.intake.model import Document, Section
from guide.intake.relating.level_words import STATED, said
from guide.library.front_matter import LEVELS


def levels(document: Document, level: str = "") -> Document:
    """Return the document with the level that headings such as `Senior` give what is in them.

    `level` is that of the whole document, if it says one.
    """
    return dataclasses.replace(document, root=_given(document.root, level))


def level_of(title: str) -> str:
    """The level that a title names when it says nothing else (`Senior questions`), or empty."""
    guess = said(title)
    return guess.level or "" if guess is not None and guess.confidence >= STATED else ""


def _given(section: Section, level: str) -> Section:
    own = next((each for each in section.classes if each in LEVELS), "") or level_of(section.title)
    level = own or level
    content = tuple(
        _given(each, level) if isinstance(each, Section) else each for each in section.content
    )
    return dataclasses.replace(section, level=level, content=content)
