"""Give every code block a fence whose label the guide knows: as labelled, as inferred, or text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from markdown_it.token import Token

from guide.intake.code.language import infer_language
from guide.intake.model import Block, Change, Document, map_blocks
from guide.languages import canonical

BY = "fence languages"
_MAX_ROUNDS = 3
_INFO = re.compile(r"[ ]*\{?[ ]*\.?(?P<name>[^\s{},:]*)(?P<rest>.*)", re.DOTALL)
_TITLE = re.compile(r"""(?:title|filename|file)=["'](?P<title>[^"'{}]+)["']""")
_HOUSE = re.compile(r"\{ \.[\w-]+(?: \w+=\"[^\"]*\")+ \}")


def fence_labels(document: Document) -> Document:
    """Return the document with labels on all its code blocks, those in lists and quotes, too."""
    changes: list[Change] = []

    def relabelled(block: Block) -> Iterator[Block]:
        if not any(token.type in ("fence", "code_block") for token in block.tokens):
            yield block
            return
        tokens = _without_empty_quotes(_labelled(block.tokens, document.source.first_line, changes))
        kind = "fence" if block.kind == "code_block" else block.kind
        if tokens:
            yield Block(kind, tokens, block.line, block.end_line)

    root = map_blocks(document.root, relabelled)
    return document.noting(changes, root=root)


def _labelled(tokens: Iterable[Token], first_line: int, changes: list[Change]) -> Iterator[Token]:
    for token in tokens:
        if token.type not in ("fence", "code_block"):
            yield token
            continue
        line = (token.map[0] if token.map else 0) + first_line
        if not token.content.strip():
            message = "a code block without code"
            changes.append(Change("removed", BY, line, message, token.info.strip()))
            continue
        info = _label(token, line, changes)
        yield token.copy(type="fence", tag="code", info=info, markup=token.markup or "```")


def _without_empty_quotes(tokens: Iterable[Token]) -> tuple[Token, ...]:
    """Take out quotations that held no more than what is removed."""
    kept: list[Token] = []
    for token in tokens:
        if token.type == "blockquote_close" and kept[-1].type == "blockquote_open":
            kept.pop()
        else:
            kept.append(token)
    return tuple(kept)


def _label(token: Token, line: int, changes: list[Change]) -> str:
    """The info string of a fence: what it says where that is right, else what its code says."""
    info = token.info.strip()
    match = _INFO.match(info)
    name = match["name"] if match else ""
    if name == "mermaid" or (canonical(name) and _HOUSE.fullmatch(info)):
        return info
    language, reason = _language(token.content, name)
    rest = (match["rest"] if match else "").strip(" }")
    title = _TITLE.search(rest)
    kept = f'{{ .{language} title="{title["title"]}" }}' if title else language
    dropped = info if rest and (title is None or title[0] != rest) else name
    if not name:
        message = f"the language of a code block: {language} ({reason})"
        changes.append(Change("inferred", BY, line, message, dropped, kept))
    elif canonical(name) != language:
        message = f"the language of a code block, from {name} to {language} ({reason})"
        changes.append(Change("changed", BY, line, message, dropped, kept))
    elif dropped != name:
        message = f"options of a code block that the site does not know: {rest}"
        changes.append(Change("removed", BY, line, message, dropped, kept))
    elif name != language:
        message = f"the name of a language, from {name} to {language}"
        changes.append(Change("changed", BY, line, message, dropped, kept))
    return kept


def _language(code: str, label: str) -> tuple[str, str]:
    """The language of code with a label, and why; asked again with that label, it is the same."""
    guess = infer_language(code, label)
    for _ in range(_MAX_ROUNDS):
        language = guess.language or "text"
        again = infer_language(code, language)
        if again.language in (language, None):
            break
        guess = again
    return language, guess.reason
