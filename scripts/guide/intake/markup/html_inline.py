"""HTML inside a line: what Markdown has marks for becomes them, what may stay stays.

Tags that are none (`List<String>`, `<your-token>`) become inline code: no word is lost.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from markdown_it.token import Token

from guide.intake.markup.html_pieces import (
    KEPT_INLINE,
    KNOWN,
    WRAPPERS,
    Piece,
    is_dangerous,
    pieces,
)
from guide.intake.markup.nesting import trimmed
from guide.intake.model import Change, ChangeKind

BY = "html"
_MARKS = {"b": "strong", "strong": "strong", "i": "em", "em": "em"}
_CODE = frozenset({"code", "tt", "samp"})
_STANDALONE = frozenset({"br", "wbr"})
_GENERIC = re.compile(r"<[A-Z]\w*>")
"""After a word, a type (`Set<A>`) rather than the element of that name."""
_HEAD = re.compile(r"[\w.<,?\[]+$")
_ADDRESS = re.compile(r"://\S*$")
_TAIL = re.compile(r"^[>\]]+")
_GLUED = frozenset({"span", "font"})
"""Elements whose tags may stand inside a word."""
_PLAIN = frozenset({"text", "softbreak", "html_inline", "code_inline"})


@dataclass(slots=True)
class _Line:
    """The tokens of a line, as they are replaced, and what was done."""

    tokens: list[list[Token]]
    line: int
    changes: list[Change] = field(default_factory=list)
    anchors: dict[str, int] = field(default_factory=dict)

    def note(self, kind: ChangeKind, message: str, before: str, after: str = "") -> None:
        """Add a change."""
        self.changes.append(Change(kind, BY, self.line, message, before, after))


def without_html(
    children: Sequence[Token], line: int
) -> tuple[list[Token], list[Change], dict[str, int]]:
    """Return the tokens of a line without foreign HTML, the changes and the anchors named."""
    work = _Line([[token] for token in children], line)
    tags = {
        index: piece
        for index, token in enumerate(children)
        if token.type == "html_inline" and (piece := _tag(token.content))
    }
    pairs = _pairs(children, tags)
    ends = set(pairs.values())
    for index, piece in tags.items():
        if index in pairs:
            _element(work, children, piece, index, pairs[index])
        elif index not in ends and work.tokens[index]:
            before = children[index - 1].content if index else ""
            if _GENERIC.fullmatch(piece.raw) and before[-1:].isalnum():
                _as_code(work, index)
            else:
                _single(work, piece, index)
    tokens = [token for group in work.tokens for token in group]
    return trimmed(_merged(tokens)), work.changes, work.anchors


def _tag(text: str) -> Piece | None:
    """The tag that an inline token is; comments stay as they are."""
    first = next(pieces(text), Piece(text))
    if first.name == "!--":
        return None
    return first if first.name else Piece(text, "?")


def _pairs(children: Sequence[Token], tags: dict[int, Piece]) -> dict[int, int]:
    """Elements that start and end inside the same marks."""
    pairs: dict[int, int] = {}
    stack: list[tuple[str, int]] = []
    for index, token in enumerate(children):
        piece = tags.get(index)
        if piece is not None and piece.opens:
            stack.append((piece.name, index))
        elif piece is not None and piece.is_end:
            depth = len(stack) - 1
            while depth >= 0 and stack[depth][0] not in (piece.name, ""):
                depth -= 1
            if depth >= 0 and stack[depth][0] == piece.name:
                pairs[stack[depth][1]] = index
                del stack[depth:]
        elif token.nesting == 1:
            stack.append(("", index))
        elif token.nesting == -1:
            while stack and stack.pop()[0]:
                pass
    return pairs


def _element(work: _Line, children: Sequence[Token], piece: Piece, start: int, end: int) -> None:
    raw = "".join(token.content for token in (children[start], children[end]))
    if is_dangerous(piece) or piece.name not in KNOWN:
        _shown(work, children, piece, start, end)
    elif piece.name == "a":
        _anchor(work, piece, start, end, raw)
    elif piece.name in _MARKS:
        _marked(work, children, _MARKS[piece.name], start, end)
    elif piece.name in _CODE:
        _code(work, children, start, end)
    elif piece.name in KEPT_INLINE or piece.name in ("s", "strike"):
        return
    else:
        work.tokens[start], work.tokens[end] = _gap(piece), _gap(piece)
        work.note("removed", f"the element `{piece.name}` around its text", raw)


def _shown(work: _Line, children: Sequence[Token], piece: Piece, start: int, end: int) -> None:
    """Show an element as code: in one piece where it holds text only."""
    inner = children[start : end + 1]
    if not all(token.type in ("text", "softbreak", "html_inline") for token in inner):
        _as_code(work, start)
        _as_code(work, end)
        return
    raw = "".join(token.content or " " for token in inner)
    code = Token("code_inline", "code", 0, markup="`", content=raw)
    work.tokens[start : end + 1] = [[code], *([] for _ in inner[1:])]
    work.note("flagged", f"`<{piece.name}>` is no HTML that is published: shown as code", "", raw)


def _anchor(work: _Line, piece: Piece, start: int, end: int, raw: str) -> None:
    name = piece.attribute("id") or piece.attribute("name")
    if name:
        work.anchors[html.unescape(name)] = work.line
    target = html.unescape(piece.attribute("href"))
    inner = [token for group in work.tokens[start + 1 : end] for token in group]
    if not target or not inner:
        work.tokens[start] = work.tokens[end] = []
        message = "a place that links can name, now known by its section" if name else "a tag"
        work.note("removed", message, raw)
        return
    for group in work.tokens[start + 1 : end]:
        group[:] = [token for token in group if token.type not in ("link_open", "link_close")]
    link: dict[str, str | int | float] = {"href": target}
    if piece.attribute("title"):
        link["title"] = html.unescape(piece.attribute("title"))
    work.tokens[start] = [Token("link_open", "a", 1, attrs=link)]
    work.tokens[end] = [Token("link_close", "a", -1)]
    work.note("changed", "a link in HTML, to Markdown", raw)


def _marked(work: _Line, children: Sequence[Token], kind: str, start: int, end: int) -> None:
    """Emphasis; where Markdown would not read the marks, next to letters, the tags stay."""
    before = children[start - 1] if start else None
    after = children[end + 1] if end + 1 < len(children) else None
    first = children[start + 1] if end > start + 1 else None
    last = children[end - 1]
    if first is None:
        work.tokens[start] = work.tokens[end] = []
        work.note("removed", "emphasis of nothing", children[start].content + children[end].content)
        return
    touches = (_edge(before, -1), _edge(after, 0))
    inside = (_edge(first, 0), _edge(last, -1))
    if not all(_flanks(out, inner) for out, inner in zip(touches, inside, strict=True)):
        return
    mark = "**" if kind == "strong" else "*"
    work.tokens[start] = [Token(f"{kind}_open", kind, 1, markup=mark)]
    work.tokens[end] = [Token(f"{kind}_close", kind, -1, markup=mark)]
    work.note("changed", f"`{children[start].content}` to Markdown", children[start].content)


def _edge(token: Token | None, at: int) -> str:
    """The character of a token that stands next to a mark; a blank for none."""
    if token is None or token.type in ("softbreak", "hardbreak"):
        return " "
    if token.type in ("text", "code_inline"):
        return "`" if token.type == "code_inline" else token.content[at : at + 1 or None] or " "
    return "*" if token.type in ("strong_open", "strong_close", "em_open", "em_close") else "<"


def _flanks(outside: str, inside: str) -> bool:
    """Whether a mark between these two characters opens or closes emphasis."""
    if inside.isspace() or outside == "*" or inside == "*":
        return False
    return inside.isalnum() or not outside.isalnum()


def _code(work: _Line, children: Sequence[Token], start: int, end: int) -> None:
    inner = children[start + 1 : end]
    raw = children[start].content + children[end].content
    if not inner:
        work.tokens[start] = work.tokens[end] = []
        work.note("removed", "code of nothing", raw)
    elif all(token.type in _PLAIN for token in inner):
        parts = [token.content or " " for token in inner]
        work.tokens[start] = [Token("code_inline", "code", 0, markup="`", content="".join(parts))]
        for group in work.tokens[start + 1 : end + 1]:
            group.clear()
        work.note("changed", "`<code>` to Markdown", raw)


def _single(work: _Line, piece: Piece, index: int) -> None:
    """A tag without a partner, or of no element that may be published."""
    raw, name = piece.raw, piece.name
    if name in _STANDALONE and not is_dangerous(piece):
        if raw != f"<{name}>":
            work.tokens[index] = [Token("html_inline", "", 0, content=f"<{name}>")]
            work.note("changed", f"`{raw}` to `<{name}>`", raw)
    elif name == "img" and not is_dangerous(piece) and piece.attribute("src"):
        alt = html.unescape(piece.attribute("alt"))
        image = Token("image", "img", 0, content=alt, children=[Token("text", "", 0, content=alt)])
        image.attrs = {"src": html.unescape(piece.attribute("src")), "alt": ""}
        if piece.attribute("title"):
            image.attrs["title"] = html.unescape(piece.attribute("title"))
        work.tokens[index] = [image]
        work.note("changed", "an image in HTML, to Markdown", raw)
    elif name in WRAPPERS | _CODE | _MARKS.keys() | KEPT_INLINE | {"a"} and not is_dangerous(piece):
        if name == "a" and (anchor := piece.attribute("id") or piece.attribute("name")):
            work.anchors[html.unescape(anchor)] = work.line
        work.tokens[index] = _gap(piece)
        work.note("removed", f"`{raw}`, which has no partner", raw)
    else:
        _as_code(work, index)


def _gap(piece: Piece) -> list[Token]:
    """What stands for a tag that parted words."""
    return [] if piece.name in _GLUED else [Token("text", "", 0, content="", meta={"gap": True})]


def _as_code(work: _Line, index: int) -> None:
    raw = work.tokens[index][0].content
    code = Token("code_inline", "code", 0, markup="`", content=raw, meta={"tag": True})
    work.tokens[index] = [code]
    work.note("flagged", f"`{raw}` is no HTML that is published: shown as code", "", raw)


def _merged(tokens: Sequence[Token]) -> list[Token]:
    """Join texts, and a tag shown as code with the word it belongs to: `List<String>`."""
    result: list[Token] = []
    for token in _parted(tokens):
        if result and result[-1].type == "text" and token.meta.get("tag"):
            token = _with_head(result, token)
        elif result and result[-1].meta.get("tag") and token.type == "text":
            token = _without_tail(result, token)
        if token.type == "text" and not token.content:
            continue
        last = result[-1] if result else None
        if last is not None and last.type == token.type and token.type in ("text", "code_inline"):
            result[-1] = last.copy(content=last.content + token.content)
        else:
            result.append(token)
    return result


def _parted(tokens: Sequence[Token]) -> Iterator[Token]:
    """Yield the tokens with a blank in each gap between two words."""
    end = ""
    gap = False
    for token in tokens:
        gap = gap or "gap" in token.meta
        if not token.content:
            end = end if token.nesting or token.type == "text" else ""
            yield token
            continue
        if gap and end.isalnum() and token.content[0].isalnum():
            yield Token("text", "", 0, content=" ")
        gap, end = False, token.content[-1]
        yield token


def _with_head(result: list[Token], tag: Token) -> Token:
    """Take the word before a tag into its code."""
    text = result[-1].content
    head = None if tag.content.startswith("</") else _HEAD.search(text)
    if head is None or _ADDRESS.search(text):
        return tag
    result[-1] = result[-1].copy(content=text[: head.start()])
    if not result[-1].content:
        result.pop()
    return tag.copy(content=head[0] + tag.content)


def _without_tail(result: list[Token], text: Token) -> Token:
    """Put the brackets after a tag into its code."""
    tail = _TAIL.match(text.content)
    if tail is None:
        return text
    result[-1] = result[-1].copy(content=result[-1].content + tail[0])
    return text.copy(content=text.content[tail.end() :])
