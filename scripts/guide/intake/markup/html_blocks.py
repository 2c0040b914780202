"""HTML among blocks, written as blocks: what is whole, what only wraps, what is shown as code."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from markdown_it.token import Token

from guide.intake.markup.html_inline import BY
from guide.intake.markup.html_pieces import (
    KNOWN,
    OPTIONAL_END,
    Piece,
    is_complex_table,
    is_dangerous,
    partners,
    pieces,
    plain,
    to_markdown,
)
from guide.intake.model import Block, Change, ChangeKind
from guide.intake.reading.markdown import inline_text, parse, render, verbatim

Read = Callable[[str, int], Sequence[Block]]
"""Parses Markdown that stood in HTML, from the line on which it stood."""
_WITHOUT_BLOCKS = ("list_item", "dd")
"""Where `<details>` becomes text under its title."""
_DEEPEST = 50
"""Elements in each other: what is deeper is written by a machine, and a recursion would fail."""
_DECLARATION = re.compile(r"\s*<[?!]")
_BLANK = re.compile(r"\n(?=[ \t]*\n)")
_NAMED = re.compile(r"\s(?:id|name)\s*=\s*[\"']?([^\s\"'<>]+)")


@dataclass(slots=True)
class Report:
    """What the pass did, in the order in which it did it."""

    changes: list[Change] = field(default_factory=list)
    anchors: dict[str, int] = field(default_factory=dict)

    depth: int = 0
    """How often HTML was read that stood in HTML."""

    def note(self, kind: ChangeKind, line: int, message: str, before: str, after: str = "") -> None:
        """Add a change."""
        self.changes.append(Change(kind, BY, line, message, before, after))


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of HTML with its line, or a block that is none; `starts` a block of HTML or not."""

    line: int
    piece: Piece | None = None
    block: Block | None = None
    starts: bool = False


@dataclass(slots=True)
class Writer:
    """Goes over the parts once; what has no blocks inside is collected and written together."""

    parts: Sequence[Part]
    pairs: dict[int, int]
    ends: dict[int, int]
    place: str
    report: Report
    read: Read
    result: list[Block] = field(default_factory=list)
    buffer: list[Part] = field(default_factory=list)
    depth: int = 0
    """How many elements of the buffer are open."""
    deepest: int = 0

    def blocks(self) -> list[Block]:
        """Return what the parts are written as."""
        split = self._split()
        details: set[int] = set()
        index = 0
        while index < len(self.parts):
            part = self.parts[index]
            piece = part.piece
            if part.starts and not self.depth:
                self._flush()
            if piece is None:
                self._flush()
                if part.block is not None:
                    self.result.append(part.block)
            elif piece.name == "!--":
                self._comment(part, piece, index)
            elif index in self.pairs and piece.name == "style":
                end = self.pairs[index]
                raw = "".join(each.piece.raw for each in self.parts[index : end + 1] if each.piece)
                self.report.note("removed", part.line, "a style sheet", raw)
                index = end + 1
                continue
            elif index in self.pairs and piece.name == "details":
                self._flush()
                index = self._details(index, details)
                continue
            elif index in self.ends and self.ends[index] in details:
                self._flush()
                if self.place not in _WITHOUT_BLOCKS:
                    self.result.append(verbatim("///", part.line))
                self.report.note("changed", part.line, "the end of a `<details>`", piece.raw)
            elif index in split or (index in self.ends and self.ends[index] in split):
                self._flush()
                self._drop(part, piece, "an HTML element around Markdown")
            elif piece.is_tag and self._is_loose(index, piece):
                self._drop(part, piece, "a tag without a partner")
            else:
                self._collect(part, piece, index)
            index += 1
        self._flush()
        return self.result

    def _split(self) -> set[int]:
        """Starts of elements that hold blocks or `<details>`."""
        marks = [0]
        for index, part in enumerate(self.parts):
            is_mark = part.piece is None or (part.piece.name == "details" and index in self.pairs)
            marks.append(marks[-1] + is_mark)
        return {
            start
            for start, end in self.pairs.items()
            if marks[end] - marks[start + 1] and self._is_known(start)
        }

    def _is_known(self, index: int) -> bool:
        piece = self.parts[index].piece
        return piece is not None and piece.name in KNOWN and not is_dangerous(piece)

    def _is_loose(self, index: int, piece: Piece) -> bool:
        """Whether a tag of a known element lacks its partner, where one is needed."""
        if index in self.pairs or index in self.ends or not self._is_known(index):
            return False
        return piece.is_end or (piece.opens and piece.name not in OPTIONAL_END)

    def _drop(self, part: Part, piece: Piece, message: str) -> None:
        self._name(part, piece)
        self.report.note("removed", part.line, message, piece.raw)

    def _name(self, part: Part, piece: Piece) -> None:
        for match in _NAMED.finditer(piece.attributes):
            self.report.anchors[match[1]] = part.line

    def _collect(self, part: Part, piece: Piece, index: int) -> None:
        self.buffer.append(part)
        self.depth += (index in self.pairs) - (index in self.ends)
        self.deepest = max(self.deepest, self.depth)

    def _comment(self, part: Part, piece: Piece, index: int) -> None:
        if self.depth:
            self._collect(part, piece, index)
        else:
            self._flush()
            self.result.append(_html_block(piece.raw, part.line))

    def _details(self, index: int, details: set[int]) -> int:
        """Open a block named like the summary, which the next part must be."""
        start = self.parts[index]
        details.add(index)
        after = index + 1
        while after < len(self.parts) and _is_blank(self.parts[after]):
            after += 1
        raw, title = start.piece.raw if start.piece else "", "Details"
        if self._starts_summary(after):
            end = self.pairs[after]
            inside = self.parts[after : end + 1]
            summary = "".join(part.piece.raw for part in inside if part.piece)
            headings = [inline_text(part.block) for part in inside if part.block]
            title = " ".join(headings) or _title(summary) or title
            raw, after = raw + summary, end + 1
        else:
            after = index + 1
        if self.place in _WITHOUT_BLOCKS:
            self.result.extend(parse(f"**{title}**", start.line).blocks)
        else:
            self.result.append(verbatim(f"/// details | {title}", start.line))
        self.report.note("changed", start.line, "`<details>` to `/// details`", raw, title)
        return after

    def _starts_summary(self, index: int) -> bool:
        piece = self.parts[index].piece if index < len(self.parts) else None
        if piece is None or piece.name != "summary" or index not in self.pairs:
            return False
        return all(
            part.block is None or part.block.kind in ("heading", "paragraph")
            for part in self.parts[index : self.pairs[index]]
        )

    def _flush(self) -> None:
        """Write what was collected: as Markdown where it is whole, else as code."""
        parts, deepest = self.buffer, self.deepest
        self.buffer, self.depth, self.deepest = [], 0, 0
        raw = "".join(part.piece.raw for part in parts if part.piece)
        if not raw.strip():
            return
        line = next(part.line for part in parts if not _is_blank(part))
        tags = [part.piece for part in parts if part.piece and part.piece.is_tag]
        for part in parts:
            if part.piece and part.piece.is_tag:
                self._name(part, part.piece)
        unsafe = [tag for tag in tags if tag.name not in KNOWN or is_dangerous(tag)]
        if unsafe or deepest > _DEEPEST:
            self._shown(raw, line, (unsafe or tags)[0])
        elif not tags and _DECLARATION.match(raw):
            self._shown(raw, line, Piece(raw, raw.strip()[1:10]))
        elif not tags:
            self.result.extend(self.read(raw.strip("\n"), line))
        elif is_complex_table(raw):
            self.result.append(_html_block(_without_blank_lines(raw), line))
            self.report.note(
                "flagged", line, "this table stays HTML: Markdown has no such cells", ""
            )
        else:
            text = to_markdown(raw)
            is_same = text.strip() == raw.strip()
            blocks = parse(text, line).blocks if is_same else self.read(text, line)
            end = line + raw.strip("\n").count("\n")
            self.result.extend(
                dataclasses.replace(block, line=line, end_line=end) for block in blocks
            )
            self.report.note("changed", line, "HTML to Markdown", raw.strip(), text.strip())

    def _shown(self, raw: str, line: int, tag: Piece) -> None:
        text = raw.strip("\n")
        message = f"`<{tag.name}>` is not published: shown as code"
        self.report.note("flagged", line, message, "")
        if "\n" not in text.strip() and "`" not in text:
            self.result.extend(parse(f"`{text.strip()}`", line).blocks)
            return
        cut = list(pieces(text))
        is_whole = len(partners(cut)) == sum(piece.opens for piece in cut)
        language = "html" if is_whole and not _DECLARATION.match(text) else "text"
        fence = Token("fence", "code", 0, markup="```", info=language, content=f"{text}\n")
        self.result.append(Block("fence", (fence,), line, line + text.count("\n")))


def _is_blank(part: Part) -> bool:
    return part.piece is not None and not part.piece.raw.strip()


def _title(summary: str) -> str:
    """The words of a summary, without marks around all of it."""
    inner = re.sub(r"^<[^<>]*>|</[^<>]*>$", "", summary.strip())
    blocks = parse(to_markdown(inner)).blocks
    text = " ".join(render(blocks).split()) if len(blocks) == 1 else plain(inner)
    text = re.sub(r"^#{1,6} ", "", text)
    match = re.fullmatch(r"\*\*((?:(?!\*\*).)+)\*\*", text)
    return match[1] if match else text


def _html_block(raw: str, line: int) -> Block:
    text = raw.strip()
    token = Token("html_block", "", 0, content=f"{text}\n", block=True)
    return Block("html_block", (token,), line, line + text.count("\n"))


def _without_blank_lines(raw: str) -> str:
    """A blank line would end the HTML; inside `<pre>` it is written as a character."""
    parts = re.split(r"(<pre\b.*?</pre>)", raw.strip(), flags=re.DOTALL | re.IGNORECASE)
    return "".join(
        _BLANK.sub("&#10;", part) if index % 2 else _BLANK.sub("", part)
        for index, part in enumerate(parts)
    )
