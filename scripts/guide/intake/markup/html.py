"""HTML in a document becomes Markdown, a block of the guide, or code: none is published raw.

Elements that only wrap are unwrapped, `<details>` becomes `/// details`, what is whole becomes
Markdown, and tables that Markdown cannot show stay. What is unknown, unbalanced or could run
something is shown as code, so that no word is lost.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from types import MappingProxyType

from markdown_it.token import Token

from guide.intake.markup.html_blocks import Part, Read, Report, Writer
from guide.intake.markup.html_inline import without_html
from guide.intake.markup.html_pieces import KNOWN, OPTIONAL_END, partners, pieces
from guide.intake.markup.nesting import inline_changed, leveled, rewrite
from guide.intake.model import Block, Document
from guide.intake.reading.markdown import parse

_SWALLOWS = re.compile(
    r"^ {0,3}<(?=!--|script|pre|style|textarea|\?|!\[CDATA\[|![A-Za-z])", re.M | re.I
)
"""What hides the rest of the document, where its end is missing."""
_ENDS = {
    "!--": "-->",
    "script": "</script>",
    "pre": "</pre>",
    "style": "</style>",
    "textarea": "</textarea>",
    "?": "?>",
    "!": ">",
}
_DEEPEST = 10
"""HTML in Markdown in HTML and so on is read no further."""
_HEAD = re.compile(r"\s*<(!--|script|pre|style|textarea|\?|!)", re.IGNORECASE)


def html(document: Document) -> Document:
    """Return the document without HTML that the guide does not publish."""
    report = Report()
    blocks = rewrite(document.blocks, lambda run, place: _run(run, place, report))
    blocks = tuple(_lines(block, report) for block in blocks)
    anchors = MappingProxyType({**document.anchors, **report.anchors})
    changes = sorted(report.changes, key=lambda change: change.line)
    return document.noting(changes, blocks=blocks, anchors=anchors)


def _lines(block: Block, report: Report) -> Block:
    """Replace the HTML inside the lines of a block."""
    shift = block.line - (block.tokens[0].map or [block.line])[0]

    def change(inline: Token) -> Token:
        children = inline.children or []
        if not any(token.type == "html_inline" for token in children):
            return inline
        line = inline.map[0] + shift if inline.map else block.line
        tokens, changes, anchors = without_html(children, line)
        report.changes += changes
        report.anchors |= anchors
        return inline.copy(children=tokens) if changes else inline

    return inline_changed(block, change)


def _run(blocks: Sequence[Block], place: str, report: Report) -> Sequence[Block]:
    """Replace the HTML among blocks that follow each other."""
    if not any(block.kind == "html_block" for block in blocks):
        return blocks
    parts = _parts(_opened(blocks, report))
    cut = [part.piece for part in parts]
    pairs = partners(cut)
    ends = {end: start for start, end in pairs.items()}
    return leveled(Writer(parts, pairs, ends, place, report, _reader(report)).blocks())


def _opened(blocks: Sequence[Block], report: Report) -> list[Block]:
    """Show an HTML start that swallows the rest of the document, and read the rest as Markdown."""
    result: list[Block] = []
    for block in blocks:
        text = block.tokens[0].content if block.kind == "html_block" else ""
        head = _HEAD.match(text)
        if head and _ENDS[head[1].lower()].lower() not in text.lower():
            report.note("flagged", block.line, f"`<{head[1]}` is never closed: shown as text", "")
            shown = _SWALLOWS.sub(lambda match: match[0].replace("<", "&lt;"), text)
            result.extend(_read(shown, block.line, report))
        else:
            result.append(block)
    return result


def _read(text: str, line: int, report: Report) -> Sequence[Block]:
    """Parse what HTML held, which may hold HTML again, and say which definitions it loses."""
    parsed = parse(text, line)
    lines = text.split("\n")
    for each in parsed.definitions:
        before = "\n".join(lines[each.line - line : each.end_line - line + 1])
        report.note("removed", each.line, "a link's target inside HTML", before)
    if report.depth >= _DEEPEST:
        return parsed.blocks
    report.depth += 1
    blocks = rewrite(parsed.blocks, lambda run, place: _run(run, place, report))
    report.depth -= 1
    return blocks


def _reader(report: Report) -> Read:
    return lambda text, line: _read(text, line, report)


def _parts(blocks: Sequence[Block]) -> list[Part]:
    parts: list[Part] = []
    depth = 0
    for block in blocks:
        is_html = block.kind == "html_block" or (
            depth > 0 and block.kind == "code_block" and block.tokens[0].content.startswith("<")
        )
        if not is_html:
            parts.append(Part(block.line, block=block))
            continue
        line = block.line
        for number, piece in enumerate(pieces(block.tokens[0].content)):
            parts.append(Part(line, piece, starts=not number))
            line += piece.raw.count("\n")
            if piece.name in KNOWN - OPTIONAL_END:
                depth = max(depth + (piece.opens - piece.is_end), 0)
    return parts
