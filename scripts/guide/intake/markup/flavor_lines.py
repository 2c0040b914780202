"""Marks of other flavors inside a line: highlights, emoji names, formulas, templates and so on."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markdown_it.token import Token
from pymdownx import gemoji_db

from guide.intake.markup.nesting import trimmed
from guide.intake.model import Change, ChangeKind

BY = "flavors"
_ATTRIBUTE = r"(?:[#.][\w-]+|[\w-]+=(?:\"[^\"{}]*\"|'[^'{}]*'|[^\s{}\"']+))"
_ATTRIBUTE_LIST = re.compile(rf"\{{:?[ ]*{_ATTRIBUTE}(?:[ ]+{_ATTRIBUTE})*[ ]*\}}")
_BLOCK_ATTRIBUTES = re.compile(rf"(?:^|[ ])({_ATTRIBUTE_LIST.pattern})[ ]*$")
_ELEMENT_ENDS = frozenset("link_close image code_inline em_close strong_close html_inline".split())


@dataclass(frozen=True, slots=True)
class _Mark:
    """How one mark is found, and the tokens and the note that it becomes; None leaves it."""

    pattern: re.Pattern[str]
    make: Callable[[re.Match[str]], tuple[list[Token], ChangeKind, str] | None]


def _text(text: str) -> Token:
    return Token("text", "", 0, content=text)


def _html(tag: str) -> Token:
    return Token("html_inline", "", 0, content=tag)


def _code(text: str) -> Token:
    return Token("code_inline", "code", 0, markup="`", content=text)


def _highlight(match: re.Match[str]) -> tuple[list[Token], ChangeKind, str]:
    return [_html("<mark>"), _text(match[1]), _html("</mark>")], "changed", "a highlight"


def _emoji(match: re.Match[str]) -> tuple[list[Token], ChangeKind, str] | None:
    name = gemoji_db.aliases.get(match[0], match[0])
    entry = gemoji_db.emoji.get(name, {})
    points = entry.get("unicode_alt") or entry.get("unicode")
    if not points:
        return None
    character = "".join(chr(int(point, 16)) for point in points.split("-"))
    return [_text(character)], "changed", "an emoji's name to the character"


def _template(match: re.Match[str]) -> tuple[list[Token], ChangeKind, str]:
    if re.fullmatch(r"\{%-?\s*(?:end)?raw\s*-?%\}", match[0]):
        return [], "removed", "a template's mark"
    return [_code(match[0])], "changed", "a template, shown as code"


def _comment(match: re.Match[str]) -> tuple[list[Token], ChangeKind, str]:
    return [], "removed", "a comment of Obsidian"


def _wiki_link(match: re.Match[str]) -> tuple[list[Token], ChangeKind, str]:
    target, bar, text = match["inner"].partition("|")
    if not re.match(r"#?[^\W\d_]", target):
        return [_code(match[0])], "changed", "brackets, shown as code"
    shown = text if bar else target.replace("#", " ").strip()
    return [_text(shown)], "changed", "a wiki link to its text"


def _include(match: re.Match[str]) -> tuple[list[Token], ChangeKind, str]:
    return [_code(match[0])], "changed", "an include, shown as code"


def _command(match: re.Match[str]) -> tuple[list[Token], ChangeKind, str]:
    return [], "removed", "a page break"


_MARKS = (
    _Mark(re.compile(r"\{%[^{}\n]*%\}|\{\{[^{}\n]*\}\}"), _template),
    _Mark(re.compile(r"!?\[\[(?P<inner>[^\[\]\n]+)\]\]"), _wiki_link),
    _Mark(re.compile(r"-+8<-+(?:.*\S)?"), _include),
    _Mark(re.compile(r"(?<!\S)%%[^%\n]+%%(?!\S)"), _comment),
    _Mark(re.compile(r"(?<![=\w])==(?=\S)([^=\n]+)(?<=\S)==(?![=\w])"), _highlight),
    _Mark(re.compile(r"(?<![\w:/]):[a-z0-9+-][a-z0-9_+-]*:(?![\w:/])"), _emoji),
    _Mark(re.compile(r"^\\(?:newpage|pagebreak|clearpage)$"), _command),
)
_HINTS = ("{", "[[", "8<", "%%", "==", ":", "\\")


def changed_line(
    children: Sequence[Token], line: int, is_heading: bool
) -> tuple[list[Token], list[Change]]:
    """Return the tokens of a line without foreign marks, and what was changed."""
    changes: list[Change] = []
    result: list[Token] = []
    for index, token in enumerate(children):
        if token.type == "math_inline":
            result.append(_code(" ".join(token.content.split())))
            changes.append(Change("changed", BY, line, "a formula, shown as code"))
        elif token.type == "text" and any(hint in token.content for hint in _HINTS):
            token = _without_attributes(children, index, line, is_heading, changes)
            for mark in _split([token], line, changes):
                result.append(mark)
        else:
            result.append(token)
    return (trimmed(result) if changes else result), changes


def _without_attributes(
    children: Sequence[Token], index: int, line: int, is_heading: bool, changes: list[Change]
) -> Token:
    """Remove an attribute list after an element or at the block's end; a heading keeps its own."""
    token = children[index]
    text = token.content
    match = _ATTRIBUTE_LIST.match(text)
    if match and index and children[index - 1].type in _ELEMENT_ENDS:
        text = text[match.end() :]
        changes.append(Change("removed", BY, line, "an attribute list", match[0]))
    match = _BLOCK_ATTRIBUTES.search(text)
    after = children[index + 1].type if index + 1 < len(children) else "softbreak"
    if match and after in ("softbreak", "hardbreak") and not is_heading:
        text = text[: match.start()]
        changes.append(Change("removed", BY, line, "an attribute list", match[1]))
    return token if text == token.content else token.copy(content=text)


def _split(tokens: list[Token], line: int, changes: list[Change]) -> list[Token]:
    """Cut texts at each mark, one kind of mark after the other."""
    for mark in _MARKS:
        cut: list[Token] = []
        for token in tokens:
            cut += _cut(token, mark, line, changes) if token.type == "text" else [token]
        tokens = cut
    return tokens


def _cut(token: Token, mark: _Mark, line: int, changes: list[Change]) -> list[Token]:
    result: list[Token] = []
    position = 0
    for match in mark.pattern.finditer(token.content):
        made = mark.make(match)
        if made is None:
            continue
        tokens, kind, message = made
        result += [token.copy(content=token.content[position : match.start()]), *tokens]
        position = match.end()
        after = "".join(each.content for each in tokens)
        changes.append(Change(kind, BY, line, message, match[0], after))
    return [*result, token.copy(content=token.content[position:])] if position else [token]
