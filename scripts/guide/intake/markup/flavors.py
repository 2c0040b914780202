"""Markup of other Markdown flavors becomes what the guide writes for the same thing.

Admonitions, alerts, containers and tabs become blocks (`/// note | Title`), formulas become code.
What has no words (rules, contents marks, headings without a letter) is removed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from markdown_it.token import Token

from guide.intake.markup.flavor_lines import BY, changed_line
from guide.intake.markup.nesting import content, inline_changed, leveled, rewrite
from guide.intake.model import Block, Change, Document
from guide.intake.reading.markdown import parse, plain_text, verbatim

NAMES = frozenset("note attention caution danger error tip hint warning important".split())
"""Admonitions that the site knows; `details` and `tab` are known besides."""
_NEAREST = {
    "success": "tip", "check": "tip", "done": "tip", "failure": "danger", "fail": "danger",
    "missing": "danger", "bug": "danger", "critical": "danger", "caution": "caution",
}  # fmt: skip
_SIMILAR = frozenset(
    """
    info abstract summary tldr todo question help faq example quote cite seealso admonition success
    check done failure fail missing bug critical
    """.split()
)
_CONTENTS = re.compile(r"\[TOC\]|\[\[_?TOC_?\]\]|\{:toc\}|\\tableofcontents", re.IGNORECASE)
_ALERT = re.compile(r"\[!(?P<name>[\w-]+)\](?P<fold>[+-]?)[ \t]*(?P<title>.*)")
_INFO = re.compile(r"(?P<name>[\w-]*)[^\"']*?(?:[\"'](?P<title>.*)[\"'])?[ \t]*$")
_CONTAINER = re.compile(
    r":{3,}[ \t]*\{?(?P<name>[A-Za-z][\w-]*)(?=[\s\[}{]|$)\}?[ \t]*"
    r"(?:\[(?P<label>[^\]]*)\])?(?P<title>.*)$"
)
_LONG_HEADING = 120
"""A rule right under a paragraph makes a heading of it; no heading is as long as this."""


def abbreviations(document: Document) -> Document:
    """Return the document with its definitions of abbreviations as lists."""
    changes: list[Change] = []

    def listed(run: Sequence[Block], place: str) -> Sequence[Block]:
        result: list[Block] = []
        for index, block in enumerate(run):
            if block.kind != "abbreviation":
                result.append(block)
            elif not index or run[index - 1].kind != "abbreviation":
                result.extend(_abbreviations(run, index, changes))
        return result

    return document.noting(changes, blocks=rewrite(document.blocks, listed))


def flavors(document: Document) -> Document:
    """Return the document without markup that the site does not know."""
    changes: list[Change] = []
    blocks = tuple(_lines(block, changes) for block in document.blocks)
    blocks = rewrite(blocks, lambda run, place: _run(run, place, changes))
    return document.noting(sorted(changes, key=lambda change: change.line), blocks=blocks)


def _lines(block: Block, changes: list[Change]) -> Block:
    """Change the marks inside the lines of a block, and note what its parser repaired."""
    shift = block.line - (block.tokens[0].map or [block.line])[0]
    is_heading = block.kind == "heading"

    def change(inline: Token) -> Token:
        line = inline.map[0] + shift if inline.map else block.line
        children, found = changed_line(inline.children or [], line, is_heading)
        changes.extend(found)
        return inline.copy(children=children) if found else inline

    for token in block.tokens:
        changes.extend(_repairs(token, (token.map[0] if token.map else 0) + shift))
    return inline_changed(block, change)


def _repairs(token: Token, line: int) -> Iterator[Change]:
    if token.type == "table_open" and "cells" in token.meta:
        message = f"a table whose rows have {token.meta['cells']} cells gets as many in its header"
        yield Change("repaired", BY, line, message)
    elif token.type == "tr_open" and "cells" in token.meta:
        count, columns = token.meta["cells"], token.meta["columns"]
        message = f"a row of {count} cells where the header has {columns}: filled up"
        yield Change("repaired", BY, line, message)
    elif token.type == "heading_open" and "glued" in token.meta:
        yield Change("repaired", BY, line, "a heading without a blank after `#`")
    elif token.type == "ordered_list_open" and token.attrs.get("start", 1) != 1:
        message = f"this list starts at {token.attrs['start']}; the site counts from 1"
        yield Change("flagged", BY, line, message)


def _is_empty(block: Block) -> bool:
    """Whether a paragraph lost all that it held."""
    return block.kind == "paragraph" and not any(
        child.content.strip() or (child.type != "text" and not child.nesting)
        for token in block.tokens
        for child in token.children or ()
    )


def _run(blocks: Sequence[Block], place: str, changes: list[Change]) -> Sequence[Block]:
    """Change blocks that follow each other."""
    ends = _container_ends(blocks)
    result: list[Block] = []
    for index, block in enumerate(blocks):
        if block.kind == "container_line":
            result.extend(_container(block, index in ends, index in ends.values(), changes))
        else:
            result.extend(_changed(block, place, changes))
    return leveled(result) if any(each.kind == "house_block" for each in result) else result


def _changed(block: Block, place: str, changes: list[Change]) -> Sequence[Block]:
    if block.kind in ("admonition", "content_tab"):
        return _indented(block, changes)
    if block.kind == "blockquote":
        return _alert(block, changes)
    if block.kind == "math_block":
        changes.append(Change("changed", BY, block.line, "a formula, shown as code"))
        text = block.tokens[0].content
        fence = Token("fence", "code", 0, markup="```", info="text", content=f"{text}\n")
        return [Block("fence", (fence,), block.line, block.end_line)]
    if block.kind == "hr":
        changes.append(Change("removed", BY, block.line, "a rule"))
        return []
    if block.kind == "heading":
        return [_label(each, place, changes) for each in _heading(block, changes)]
    if _is_empty(block):
        return []
    if block.kind == "paragraph" and _CONTENTS.fullmatch(block.text.strip()):
        message = "the place of a table of contents"
        changes.append(Change("removed", BY, block.line, message, block.text))
        return []
    return [block]


def _heading(block: Block, changes: list[Change]) -> Sequence[Block]:
    inline = block.tokens[1]
    children = inline.children or []
    has_words = any(char.isalnum() for char in plain_text(children))
    if not has_words and not any(token.type == "image" for token in children):
        message = "a heading without a word"
        changes.append(Change("removed", BY, block.line, message, block.text))
        return []
    is_rule = block.tokens[0].markup == "-" and len(block.text) > _LONG_HEADING
    if has_words and not is_rule:
        return [block]
    message = "a paragraph, which a rule under it had made a heading"
    changes.append(Change("repaired", BY, block.line, message if is_rule else "a heading's image"))
    first = Token("paragraph_open", "p", 1, block=True, map=block.tokens[0].map)
    last = Token("paragraph_close", "p", -1, block=True)
    return [Block("paragraph", (first, inline, last), block.line, block.end_line)]


def _label(block: Block, place: str, changes: list[Change]) -> Block:
    """A heading inside a list or quotation as a bold line: it opens no section of the page."""
    if not place or block.kind != "heading":
        return block
    message = "a heading in a list or quotation, to a bold line"
    changes.append(Change("changed", BY, block.line, message))
    inline = block.tokens[1]
    inside: list[Token] = []
    for token in inline.children or []:
        if token.type == "hardbreak":
            inside.append(Token("softbreak", "br", 0))
        elif token.type == "strong_open" and inside and inside[-1].type == "text":
            inside.append(Token("text", "", 0, content="" if _ends_apart(inside[-1]) else " "))
        elif token.type not in ("strong_open", "strong_close"):
            inside.append(token)
    strong = [Token("strong_open", "strong", 1, markup="**"), *inside]
    strong.append(Token("strong_close", "strong", -1, markup="**"))
    first = Token("paragraph_open", "p", 1, block=True, map=block.tokens[0].map)
    last = Token("paragraph_close", "p", -1, block=True)
    tokens = (first, inline.copy(children=strong), last)
    return Block("paragraph", tokens, block.line, block.end_line)


def _ends_apart(token: Token) -> bool:
    return not token.content[-1:].isalnum()


def _opening(name: str, title: str, is_folded: bool = False) -> str:
    """The line that opens a block: a name that the site knows, the title or what it was called."""
    known = _NEAREST.get(name, name if name in NAMES else "note")
    shown = title.strip() or ("" if name in NAMES and not is_folded else name.capitalize())
    return f"/// {'details' if is_folded else known}" + (f" | {shown}" if shown else "")


def _indented(block: Block, changes: list[Change]) -> Sequence[Block]:
    """`!!! note "Title"`, `??? note "Title"` and `=== "Tab"`."""
    opening = block.tokens[0]
    before = f"{opening.markup} {opening.info}"
    if block.kind == "content_tab":
        line = f"/// tab | {opening.info[1:-1].strip()}"
    else:
        match = _INFO.match(opening.info)
        name, title = (match["name"].lower(), match["title"] or "") if match else ("note", "")
        bare = opening.info.split(None, 1)[1] if " " in opening.info and not title else ""
        is_folded = opening.markup != "!!!"
        line = _opening(name, title or ("" if '"' in bare else bare), is_folded)
    changes.append(
        Change("changed", BY, block.line, f"`{opening.markup}` to a block", before, line)
    )
    return [verbatim(line, block.line), *content(block), verbatim("///", block.end_line)]


def _alert(block: Block, changes: list[Change]) -> Sequence[Block]:
    """`> [!NOTE]` of GitHub and `> [!note]- Title` of Obsidian."""
    inside = list(content(block))
    first = inside[0] if inside and inside[0].kind == "paragraph" else None
    match = _ALERT.match(first.text.split("\n", 1)[0]) if first else None
    if first is None or match is None:
        return [block]
    line = _opening(match["name"].lower(), match["title"], bool(match["fold"]))
    changes.append(Change("changed", BY, block.line, "an alert to a block", match[0], line))
    inline = first.tokens[1]
    children = inline.children or []
    breaks = [i for i, token in enumerate(children) if token.type in ("softbreak", "hardbreak")]
    if breaks:
        rest = inline.copy(
            children=children[breaks[0] + 1 :], content=inline.content.split("\n", 1)[1]
        )
        inside[0] = Block(
            first.kind, (first.tokens[0], rest, first.tokens[2]), first.line + 1, first.end_line
        )
    else:
        inside.pop(0)
    return [verbatim(line, block.line), *inside, verbatim("///", block.end_line)]


def _container_ends(blocks: Sequence[Block]) -> dict[int, int]:
    """Pair the lines of colons that open a container with those that close it."""
    opened: list[int] = []
    ends: dict[int, int] = {}
    for index, block in enumerate(blocks):
        if block.kind == "container_line":
            if _CONTAINER.match(block.tokens[0].content):
                opened.append(index)
            elif opened and not block.tokens[0].content.strip(": \t"):
                ends[opened.pop()] = index
    return ends


def _container(block: Block, opens: bool, closes: bool, changes: list[Change]) -> Sequence[Block]:
    """A line of colons; of a container that is none of the guide's, a fold holds the content."""
    text = block.tokens[0].content
    match = _CONTAINER.match(text)
    if opens and match:
        name, title = match["name"].lower(), match["label"] or match["title"].strip(" \"'{}")
        if name not in NAMES | _SIMILAR | {"details"}:
            title = f"{match['name']} {title}".strip()
        line = _opening(name, title, name == "details")
        changes.append(Change("changed", BY, block.line, "a container to a block", text, line))
        return [verbatim(line, block.line)]
    if closes:
        return [verbatim("///", block.line)]
    if text.strip(": \t"):
        message = "a line of colons that opens nothing, shown as code"
        changes.append(Change("flagged", BY, block.line, message))
        return parse(f"`` {text} ``" if "`" in text else f"`{text}`", block.line).blocks
    changes.append(Change("removed", BY, block.line, "a line of colons that closes nothing", text))
    return []


def _abbreviations(blocks: Sequence[Block], start: int, changes: list[Change]) -> Sequence[Block]:
    """Definitions of abbreviations that follow each other, as a list."""
    lines = []
    for block in blocks[start:]:
        if block.kind != "abbreviation":
            break
        name, _, meaning = block.tokens[0].content.removeprefix("*[").partition("]:")
        lines.append(f"- {name}: {meaning.strip()}")
    line = blocks[start].line
    changes.append(Change("changed", BY, line, f"{len(lines)} abbreviations to a list"))
    return parse("\n".join(["Abbreviations:", "", *lines]), line).blocks
