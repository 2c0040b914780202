"""Find out where and why tree-sitter gave up, and say so.

An error node in a repaired tree tells where the repair is, which is often far from the mistake.
The parser's log tells the first token at which no reading of the code was left: that is the place
that a compiler would name.
"""

from __future__ import annotations

import contextlib
import difflib
import re
from dataclasses import dataclass, field
from functools import cache

import tree_sitter

from guide.languages.problem import SyntaxProblem, at_end, at_offset, omission_before, quoted

_PROCESS = re.compile(r"process version:\d+, version_count:\d+, state:\d+, row:(\d+), col:(\d+)")
_LEXED = re.compile(r"lexed_lookahead sym:(.*), size:(\d+)$", re.DOTALL)
_REPAIR = re.compile(r"recover_with_missing symbol:(.+), state:\d+$", re.DOTALL)
_CLOSERS = {"(": ")", "[": "]", "{": "}", "${": "}", "$(": ")", "((": "))", "[[": "]]"}
_QUOTES = frozenset({'"', "'", "`", '"""', "quoted_template_start"})
"""The last is HCL's, which names its quotes."""
_INSERTABLE = frozenset({";", ")", "]", "}", ","})
_LINE_ENDS = frozenset({"_newline", "\\n"})
_LEX = tree_sitter.LogType.LEX  # one line of log for each character
_CHUNK = 65536


@dataclass(frozen=True, slots=True)
class Failure:
    """The first token that fits no reading. Offsets count characters of the code as written."""

    offset: int
    token: str
    """Its text; empty where the code ends."""
    missing: str | None
    """A token whose insertion before this one lets the parser go on."""
    opened: tuple[str, int] | None
    """The innermost bracket or quote that is open there, and its offset."""


@dataclass(slots=True)
class _Log:
    """Follows the parser until the first token that no reading survives."""

    point: tuple[int, int] = (0, 0)
    lexed: dict[tuple[int, int], tuple[str, int]] = field(default_factory=dict)
    """The kind of each token and its size with the white space before it, by row and column."""
    error: tuple[int, int] | None = None
    missing: str | None = None
    repairing: bool = False
    closed: bool = False

    def __call__(self, kind: tree_sitter.LogType, text: str) -> None:
        if kind is _LEX or self.closed:
            return
        if self.repairing:
            if match := _REPAIR.match(text):
                self.missing = match[1]
            self.closed = True
        elif match := _PROCESS.match(text):
            self.point = (int(match[1]), int(match[2]))
        elif match := _LEXED.match(text):
            self.lexed[self.point] = (match[1], int(match[2]))
        elif text.startswith("detect_error"):
            self.error = max(self.error or self.point, self.point)
        elif text.startswith("resume"):
            self.repairing = True


def diagnose(
    grammar: tree_sitter.Language, code: str, before: str = "", after: str = ""
) -> Failure:
    """Return why code does not parse between the lines of a wrapper. It must not parse."""
    source = (before + code + after).encode()
    log = _Log()
    parser = tree_sitter.Parser(grammar, logger=log)
    with contextlib.suppress(ValueError):  # raised when the callback ends the parse
        parser.parse(
            lambda offset, _: source[offset : offset + _CHUNK],
            progress_callback=lambda _, __: log.closed,
        )
    starts = [0, *(match.end() for match in re.finditer(rb"\n", source))]
    tokens = [
        (kind, *_span(source, starts[row] + column, size))
        for (row, column), (kind, size) in sorted(log.lexed.items())
    ]
    row, column = log.error or (0, 0)
    kind, size = log.lexed.get((row, column), ("", 0))
    first, end = _span(source, starts[row] + column, size)
    token = source[first:end].decode(errors="replace")
    if kind in _LINE_ENDS:
        first, token = starts[row] + column, "\n"
    opened = _innermost([each for each in tokens if each[1] < first])
    lead = len(before.encode())
    length = len(code.rstrip())
    offset = min(_characters(source, lead, first), length)
    return Failure(
        offset=offset,
        # Some tokens are empty: what no token begins with, for example.
        token=(token or code[offset : offset + 1]) if offset < length else "",
        missing=log.missing,
        opened=(opened[0], _characters(source, lead, opened[1]))
        if opened and opened[1] >= lead
        else None,
    )


def _characters(source: bytes, start: int, end: int) -> int:
    return len(source[start : max(start, end)].decode(errors="replace"))


def _span(source: bytes, offset: int, size: int) -> tuple[int, int]:
    """Return the start and end of a token whose size includes the white space before it."""
    start = offset
    while start < len(source) and source[start : start + 1].isspace():
        start += 1
    return start, max(start, offset + size)


def _innermost(tokens: list[tuple[str, int, int]]) -> tuple[str, int] | None:
    """Return the last bracket or quote that these tokens open and do not close."""
    stack: list[tuple[str, int]] = []
    reached = 0
    for kind, start, end in tokens:
        if start < reached or end == start:
            continue
        reached = end
        top = stack[-1][0] if stack else ""
        if top and kind == _CLOSERS.get(top, top.replace("_start", "_end")):
            stack.pop()
        elif kind in _CLOSERS or kind in _QUOTES:
            stack.append((kind, start))
    return stack[-1] if stack else None


def explain(code: str, failure: Failure, grammar: tree_sitter.Language) -> SyntaxProblem:
    """Say what a failure means to the author."""
    token, offset = failure.token, failure.offset
    if failure.opened is not None:
        bracket, opened = failure.opened
        if bracket in _QUOTES:
            return at_offset(code, opened, "the string is never closed")
        if not token or (token in _CLOSERS.values() and token != _CLOSERS[bracket]):
            hint = f"`{bracket}` on line {code.count(chr(10), 0, opened) + 1} is not closed"
            return at_offset(code, offset, f"`{_CLOSERS[bracket]}` is missing", hint)
    if not token:
        if failure.missing in _visible_tokens(grammar):
            return at_end(code, f"`{failure.missing}` is missing")
        return at_end(code, "the code ends too early")
    if token[0] in _QUOTES and token.count(token[0]) == 1:
        return at_offset(code, offset, "the string is never closed")
    if token == "\n":
        return at_offset(code, offset, "the line ends too early")
    dots = omission_before(code, offset)
    if dots is not None:
        return at_offset(code, dots, "unexpected `...`", "write the omission as a comment")
    message = f"unexpected {quoted(token)}"
    misspelt = _misspelt(code, offset, token, grammar)
    if misspelt is not None:
        return at_offset(code, offset, message, misspelt)
    if failure.missing in _INSERTABLE:
        return at_offset(code, len(code[:offset].rstrip()), f"`{failure.missing}` is missing")
    if token in _CLOSERS.values() and failure.opened is None:
        return at_offset(code, offset, message, "nothing is open here that it could close")
    return at_offset(code, offset, message)


def _misspelt(code: str, offset: int, token: str, grammar: tree_sitter.Language) -> str | None:
    """Return a hint if the token, or a word before it on its line, is nearly a keyword."""
    line = code[code.rfind("\n", 0, offset) + 1 : offset]
    keywords = [name for name in _visible_tokens(grammar) if name.isalpha()]
    for word in (*reversed(re.findall(r"\w+", line)), token):
        if len(word) < 3 or word in keywords:
            continue
        near = difflib.get_close_matches(word, sorted(keywords), n=1, cutoff=0.8)
        if near:
            return f"did you mean `{near[0]}`?"
    return None


@cache
def _visible_tokens(grammar: tree_sitter.Language) -> frozenset[str]:
    """Return the tokens of a grammar that are always spelt the same."""
    return frozenset(
        name
        for kind in range(grammar.node_kind_count)
        if grammar.node_kind_is_visible(kind)
        and not grammar.node_kind_is_named(kind)
        and (name := grammar.node_kind_for_id(kind))
    )
