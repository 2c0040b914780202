"""Merge questions that ask the same: the answer of the later one follows that of the first."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from guide.intake.model import Block, Change, Document, Section

BY = "merging"


def merge(document: Document, into: Mapping[int, int]) -> Document:
    """Return the document with questions merged: line of the later -> line of the first."""
    later = {each.line: each for each in document.root.walk() if each.line in into and each.title}
    changes = [
        Change(
            "changed",
            BY,
            line,
            f"merged into the question on line {into[line]}",
            later[line].heading or later[line].title,
        )
        for line in sorted(later)
    ]
    added: dict[int, list[Section]] = {}
    for line in sorted(later):
        added.setdefault(into[line], []).append(later[line])
    return document.noting(changes, root=_merged(document.root, later, added))


def _merged(
    section: Section, gone: Mapping[int, Section], added: Mapping[int, list[Section]]
) -> Section:
    content: list[Block | Section] = []
    for each in section.content:
        if isinstance(each, Block):
            content.append(each)
        elif each.role != "question" or each.line not in gone:
            content.append(_merged(each, gone, added))
    if section.role == "question":
        content += [block for each in added.get(section.line, ()) for block in each.content]
    return dataclasses.replace(section, content=tuple(content))
