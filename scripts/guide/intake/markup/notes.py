"""Footnotes become a section of notes: the site has none, and a link to a heading always works.

References are written `[note 1](#note-1)`. Pages are cut later: `notes_for` says which notes a
page needs.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from markdown_it.token import Token

from guide.intake.markup.nesting import content, inline_changed, rewrite
from guide.intake.model import Block, Change, Document, Section
from guide.intake.reading.markdown import Definition, inline_text, parse

BY = "notes"
TITLE = "Notes"
_OTHER_TITLE = "Notes to the text"
_UNDEFINED = re.compile(r"\[\^[\w-]+\]")


@dataclass(slots=True)
class _Notes:
    """Notes by number, in the order in which the text names them."""

    defined: dict[str, Block]
    numbers: dict[str, int] = field(default_factory=dict)
    blocks: list[tuple[int, tuple[Block, ...]]] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    read: int = 0
    """How many of the notes were read for references."""

    def number(self, token: Token, line: int) -> int:
        """Return the number of the note that a reference names, a new one for a new note."""
        label = token.meta.get("label")
        if label in self.numbers:
            return self.numbers[label]
        if label in self.defined:
            block = self.defined[label]
            self.blocks.append((block.line, content(block)))
            self.numbers[label] = len(self.blocks)
        else:
            self.blocks.append((line, (_paragraph(token.meta.get("tokens") or [], line),)))
        return len(self.blocks)


def notes(document: Document) -> Document:
    """Return the document with its footnotes as a last section."""
    found: list[Block] = []
    blocks = rewrite(document.blocks, lambda run, place: _without_notes(run, found))
    found.sort(key=lambda block: block.line)
    state = _Notes({block.tokens[0].meta["label"]: block for block in reversed(found)})
    blocks = tuple(_referring(block, state) for block in blocks)
    _read_notes(state)
    for block in found:
        label = block.tokens[0].meta["label"]
        if label not in state.numbers or state.defined[label] is not block:
            state.numbers.setdefault(label, len(state.blocks) + 1)
            state.blocks.append((block.line, content(block)))
            message = f"nothing names note `{label}`: it stands at the end"
            state.changes.append(Change("flagged", BY, block.line, message, f"[^{label}]:"))
            _read_notes(state)
    changes = sorted(state.changes, key=lambda change: change.line)
    return document.noting(changes, blocks=(*blocks, *_section(blocks, state)))


def _read_notes(state: _Notes) -> None:
    """Write the references in notes as links, which may lead to more notes."""
    while state.read < len(state.blocks):
        line, inside = state.blocks[state.read]
        state.blocks[state.read] = (line, tuple(_referring(block, state) for block in inside))
        state.read += 1


def _without_notes(blocks: Sequence[Block], found: list[Block]) -> Sequence[Block]:
    notes = [block for block in blocks if block.kind == "footnote_reference"]
    if not notes:
        return blocks
    found.extend(notes)
    return [block for block in blocks if block.kind != "footnote_reference"]


def _referring(block: Block, state: _Notes) -> Block:
    """Write the references in a block as links."""
    shift = block.line - (block.tokens[0].map or [block.line])[0]

    def change(inline: Token) -> Token:
        line = inline.map[0] + shift if inline.map else block.line
        children = inline.children or []
        for child in children:
            if child.type == "text" and (match := _UNDEFINED.search(child.content)):
                message = f"`{match[0]}` names no note: left as text"
                state.changes.append(Change("flagged", BY, line, message))
        if not any(child.type == "footnote_ref" for child in children):
            return inline
        result: list[Token] = []
        for child in children:
            result += _link(child, result, line, state) if _is_reference(child) else [child]
        return inline.copy(children=result)

    return inline_changed(block, change)


def _is_reference(token: Token) -> bool:
    return token.type == "footnote_ref"


def _link(token: Token, before: Sequence[Token], line: int, state: _Notes) -> list[Token]:
    number = state.number(token, line)
    label = token.meta.get("label")
    mark = f"[^{label}]" if label else "^[]"
    state.changes.append(
        Change("changed", BY, line, "a footnote's mark to a link", mark, f"note {number}")
    )
    last = before[-1] if before else None
    is_apart = (
        last is None
        or last.type in ("softbreak", "hardbreak")
        or (last.type == "text" and (last.content[-1:].isspace() or last.content[-1:] in "(["))
    )
    return [
        *([] if is_apart else [Token("text", "", 0, content=" ")]),
        Token("link_open", "a", 1, attrs={"href": f"#note-{number}"}),
        Token("text", "", 0, content=f"note {number}"),
        Token("link_close", "a", -1),
    ]


def _paragraph(children: Sequence[Token], line: int) -> Block:
    inline = Token("inline", "", 0, children=list(children), block=True)
    tokens = (
        Token("paragraph_open", "p", 1, block=True),
        inline,
        Token("paragraph_close", "p", -1, block=True),
    )
    return Block("paragraph", tokens, line, line)


def _section(blocks: Sequence[Block], state: _Notes) -> list[Block]:
    """The headings and texts of the notes."""
    if not state.blocks:
        return []
    taken = {inline_text(block).lower() for block in blocks if block.kind == "heading"}
    title = TITLE if TITLE.lower() not in taken else _OTHER_TITLE
    result = list(parse(f"## {title}", state.blocks[0][0]).blocks)
    for number, (line, inside) in enumerate(state.blocks, start=1):
        result.extend(parse(f"### Note {number} {{ #note-{number} }}", line).blocks)
        result.extend(inside)
    return result


def notes_section(root: Section) -> Section | None:
    """Return the section of notes that this pass made, if there is one."""
    for section in root.walk():
        if any(re.fullmatch(r"note-\d+", each.id) for each in section.sections):
            return section
    return None


def notes_for(root: Section, notes: Section) -> Section | None:
    """Return what of the section of notes a page needs: the notes that it and they link to.

    None if the page names no note.
    """
    by_id = {each.id: each for each in notes.sections}
    wanted: dict[str, Section] = {}
    waiting = list(_targets(root))
    while waiting:
        name = waiting.pop()
        if name in by_id and name not in wanted:
            wanted[name] = by_id[name]
            waiting.extend(_targets(by_id[name]))
    kept = tuple(each for each in notes.sections if each.id in wanted)
    return dataclasses.replace(notes, content=kept) if kept else None


def _targets(root: Section) -> Iterable[str]:
    """The headings that links in a section name."""
    for section in root.walk():
        for block in section.blocks:
            for token in block.tokens:
                for child in token.children or ():
                    target = str(child.attrs.get("href", ""))
                    if target.startswith("#"):
                        yield target[1:]


def reference_changes(document: Document, definitions: Sequence[Definition]) -> tuple[Change, ...]:
    """Say what became of the reference definitions of the document, which is just parsed.

    Their targets are written where links name them; those that no link names are removed.
    """
    used = {
        str(child.attrs.get("href") or child.attrs.get("src") or "")
        for block in document.blocks
        for token in block.tokens
        for child in token.children or ()
    }
    lines = document.source.text.split("\n")
    first = document.source.first_line
    return tuple(
        Change(
            "changed" if each.target in used else "removed",
            BY,
            each.line,
            "a link's target, written where the link is"
            if each.target in used
            else "a link's target that no link names",
            "\n".join(lines[each.line - first : each.end_line - first + 1]),
        )
        for each in definitions
    )
