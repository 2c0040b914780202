"""Mermaid diagrams get the house form: no colors, text that can be read, a title, a description.

Whether a diagram can be drawn is found out later; `as_text` then shows the source as it was.
"""

from __future__ import annotations

import dataclasses
import re
from collections import Counter
from collections.abc import Sequence

from markdown_it.token import Token

from guide.intake.code.diagram_colors import without_colors
from guide.intake.code.diagram_lines import joined, numbered
from guide.intake.code.diagram_repairs import repaired
from guide.intake.code.diagram_words import own_title, with_words
from guide.intake.code.fences import language, map_fences
from guide.intake.model import Block, Change, Document, Section, map_blocks
from guide.intake.reading.markdown import plain_title
from guide.library.diagram_text import describe

BY = "diagrams"
MAX_SOURCE = 20_000
"""Characters of a diagram; what is longer cannot be read by people either."""
_AS_CHARACTERS = "a drawing that the guide does not make (PlantUML, Graphviz, characters): text"
_ORIGINAL = "diagram as it was written"
_OTHER_START = re.compile(r"\s*(?:@start[a-z]+\b|(?:strict[ ]+)?(?:di)?graph\b[^\n{]{0,80}\{)")
_DRAWN = re.compile(r"[┌┐┘╔╗╝▲▼◄►◀▶]|--+>|<--+|==+>|\+--+\+|\|[ ]{2,}")
_NO_TABLE = re.compile(r"[┌┐┘╔╗╝▲▼◄►◀▶]|--+>|<--+|==+>")
"""Frames and arrows: what tables and directory trees do not have."""
_MIN_DRAWN = 3
_LABEL = re.compile(r"(?:\*\*|__)(?P<bold>[^*_]+)(?:\*\*|__):?|(?P<plain>[^.!?]{1,80}):")


def diagrams(document: Document) -> Document:
    """Clean every Mermaid fence; flag what other programs draw, and drawings in characters.

    Fences have their languages by now: those of other programs are `text`.
    """
    changes: list[Change] = []
    root = _section(document.root, changes)
    return document.noting(changes, root=root)


def as_text(
    root: Section, changes: Sequence[Change], source: str, reason: str
) -> tuple[Section, tuple[Change, ...]]:
    """Show diagrams with this source, which cannot be drawn for `reason`, as text.

    They get back what they were in the document; what was noted of their cleaning goes.
    """
    spans: list[tuple[int, int]] = []
    noted: list[Change] = []

    def change(token: Token, line: int) -> Token:
        if language(token) != "mermaid" or token.content.strip("\n") != source.strip("\n"):
            return token
        original = token.meta.get(_ORIGINAL, token.content)
        spans.append((line, line + original.count("\n") + 1))
        message = f"a diagram that cannot be drawn, shown as text: {reason}"
        noted.append(Change("flagged", BY, line, message, before=token.info, after="text"))
        return token.copy(info="text", content=original)

    root = map_blocks(root, lambda block: (map_fences(block, change),))
    kept = tuple(
        each
        for each in changes
        if each.by != BY or not any(first <= each.line <= last for first, last in spans)
    )
    return root, (*kept, *noted)


def _section(section: Section, changes: list[Change]) -> Section:
    """Clean the diagrams of a section; each is called after what stands before it."""
    namer = _Namer(section.title)
    content: list[Block | Section] = []
    for each in section.content:
        if isinstance(each, Section):
            content.append(_section(each, changes))
        else:
            content.append(_block(each, namer, changes))
            namer.before = each
    return dataclasses.replace(section, content=tuple(content))


class _Namer:
    """Names the diagrams of a section after the label `before` them, or after its heading."""

    def __init__(self, heading: str) -> None:
        self.before: Block | None = None
        self._heading = heading
        self._count: Counter[str] = Counter()

    def name(self) -> str:
        """A name that no other diagram of the section got."""
        name = self._label() or (plain_title(self._heading) if self._heading else "")
        self._count[name] += 1
        return f"{name} ({self._count[name]})" if name and self._count[name] > 1 else name

    def _label(self) -> str:
        """What a paragraph says that stands there to name what follows."""
        block = self.before
        match = (
            _LABEL.fullmatch(block.text.strip()) if block and block.kind == "paragraph" else None
        )
        return plain_title(match["bold"] or match["plain"]).rstrip(":") if match else ""


def _block(block: Block, namer: _Namer, changes: list[Change]) -> Block:
    def change(token: Token, line: int) -> Token:
        name = language(token)
        if name == "mermaid":
            return _diagram(token, line, namer, changes)
        if name == "text" and _is_drawing(token.content):
            changes.append(Change("flagged", BY, line, _AS_CHARACTERS))
        return token

    return map_fences(block, change)


def _is_drawing(content: str) -> bool:
    if _OTHER_START.match(content):
        return True
    drawn = [line for line in content.split("\n") if _DRAWN.search(line)]
    return len(drawn) >= _MIN_DRAWN and any(map(_NO_TABLE.search, drawn))


def _diagram(token: Token, line: int, namer: _Namer, changes: list[Change]) -> Token:
    if len(token.content) > MAX_SOURCE:
        changes.append(Change("flagged", BY, line, "a diagram of unusual length, left as it is"))
        return token
    kind = describe(token.content).kind
    lines, colors = without_colors(kind, numbered(token.content))
    lines, repairs = repaired(kind, lines)
    lines, words = with_words(lines, "" if own_title(lines) else namer.name())
    edits = sorted((*colors, *repairs, *words), key=lambda edit: edit.line)
    if not edits:
        return token
    changes.extend(
        Change(each.kind, BY, line + each.line, each.message, each.before, each.after)
        for each in edits
    )
    meta = {**token.meta, _ORIGINAL: token.content}
    return token.copy(content=joined(lines), meta=meta)
