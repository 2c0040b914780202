"""Find out where and why tree-sitter gave up, and say so.

An error node in a repaired tree tells where the repair is, which is often far from the mistake.
The parser's log tells the first token at which no reading of the code was left: that is the place
that a compiler would name.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass, field
from functools import cache

import tree_sitter

from guide.languages.problem import SyntaxProblem, at_end, at_offset, quoted

_PROCESS = re.compile(r"process version:\d+, version_count:\d+, state:\d+, row:(\d+), col:(\d+)")
_LEXED = re.compile(r"lexed_lookahead sym:(.*), size:(\d+)$", re.DOTALL)
_REPAIR = re.compile(r"recover_with_missing symbol:(.+), state:\d+$", re.DOTALL)
_CLOSERS = {"(": ")", "[": "]", "{": "}", "${": "}", "$(": ")", "((": "))", "[[": "]]"}
_QUOTES = frozenset({'"', "'", "`", '"""', "'''", '$"'})
_WORD = re.compile(r"[^\W\d]\w*")
_OMISSION = {"bash": "#", "dockerfile": "#", "lua": "--", "css": "/*"}


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Failure:
    """The first token that fits no reading. Offsets count characters of the code as written."""

    offset: int
    at_end: bool
    token: str
    missing: str | None
    """A token whose insertion before this one lets the parser go on."""
    opened: tuple[str, int] | None
    """The innermost bracket or quote that is open there, and its offset."""
    before: str
    """The word before the token, if it is one."""


@dataclass(slots=True)
class _Log:
    """Follows the parser until the first token that no reading survives."""

    point: tuple[int, int] = (0, 0)
    lexed: dict[tuple[int, int], tuple[str, int]] = field(default_factory=dict)
    error: tuple[int, int] | None = None
    missing: str | None = None
    repairing: bool = False
    closed: bool = False

    def __call__(self, kind: tree_sitter.LogType, text: str) -> None:
        if self.closed or kind != tree_sitter.LogType.PARSE:
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
    grammar: tree_sitter.Language, text: str, prefix: int, suffix: int
) -> Failure:
    """Return why text that does not parse does not, without `prefix` and `suffix` characters."""
    source = text.encode()
    log = _Log()
    parser = tree_sitter.Parser(grammar, logger=log)
    try:
        tree = parser.parse(
            lambda offset, _: source[offset : offset + 65536],
            progress_callback=lambda _, __: log.closed,
        )
        error = log.error or _first_error(tree.root_node)
    except ValueError:
        error = log.error
    starts = _line_starts(source)
    tokens = _tokens(log, source, starts)
    offset = _skip_space(source, starts[error[0]] + error[1]) if error else 0
    code = source[len(text[:prefix].encode()) : len(source) - len(text[len(text) - suffix :].encode()) if suffix else None]
    ...
