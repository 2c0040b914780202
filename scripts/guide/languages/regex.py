"""Regular expressions, one a line: Python's or JavaScript's, whichever accepts the line.

`/pattern/flags` is JavaScript's. Blank lines separate. Nothing is ever matched, so no pattern can
take long. Fragments: none; a part of a pattern cannot be told from a mistake.
"""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass

import regress

from guide.languages.problem import MOST, SyntaxProblem, quoted

_LONGEST = 1000
"""Characters. The parsers recurse: on patterns a hundred times as long, one overflows the stack."""
_FLAGS = "dgimsuvy"
_LITERAL = re.compile(
    r"/(?P<pattern>(?:[^\\/\[]|\\.|\[(?:[^\]\\]|\\.)*\])+)/(?P<flags>[dgimsuvy]*)"
)
"""Other letters after the second slash make it a path: `/usr/bin`."""
_TOKEN_OF_JAVASCRIPT = re.compile(r"\\[pPk]|\\u(?={)|\\.|\(\?<(?=[^=!])", re.DOTALL)
_HINTS = (
    ("missing ), unterminated subpattern", "`)` is missing", "this `(` is never closed"),
    ("unbalanced parenthesis", "unexpected `)`", "write `\\)` for the character"),
    ("nothing to repeat", "nothing to repeat", "escape the character to mean itself"),
    ("multiple repeat", "a repeat of a repeat", "put the inner one into `(?:...)`"),
    ("unterminated character set", "`]` is missing", "this `[` is never closed"),
    ("bad character range", None, "put the lower end first; a plain `-` goes first or last"),
    ("min repeat greater", "the least is more than the most", "write `{least,most}`"),
    ("bad escape (end of pattern)", "nothing follows the backslash", "write `\\\\` for one"),
)
"""How Python's message begins, what to say instead (None: the same), and what to do."""


@dataclass(frozen=True, slots=True)
class _Complaint:
    """Why a pattern is refused, and where, from 0."""

    offset: int
    message: str
    hint: str | None = None


def verify(language: str, code: str) -> tuple[SyntaxProblem, ...]:
    """Return the problem of each line that has one, up to the most that are worth it."""
    problems: list[SyntaxProblem] = []
    for number, line in enumerate(code.split("\n"), start=1):
        pattern = line.strip()
        if not pattern:
            continue
        if len(problems) == MOST:
            break
        complaint = _complaint(pattern)
        if complaint is not None:
            column = len(line) - len(line.lstrip()) + complaint.offset + 1
            problems.append(SyntaxProblem(number, column, complaint.message, complaint.hint))
    return tuple(problems)


def _complaint(pattern: str) -> _Complaint | None:
    if len(pattern) > _LONGEST:
        message = f"a pattern of more than {_LONGEST} characters is not read"
        return _Complaint(_LONGEST, message, "split it")
    literal = _LITERAL.fullmatch(pattern)
    if literal is not None:
        flags = literal["flags"]
        bad = next((at for at, flag in enumerate(flags) if _is_bad(flags, at)), None)
        if bad is not None:
            message = f"unexpected flag {quoted(flags[bad])}"
            hint = f"each of `{_FLAGS}` at most once, and not both `u` and `v`"
            return _Complaint(literal.start("flags") + bad, message, hint)
        return _refused(literal["pattern"], flags, 1)
    return _refused(pattern, "", 0) if _by_python(pattern) else None


def _is_bad(flags: str, at: int) -> bool:
    earlier = flags[:at]
    clash = {"u": "v", "v": "u"}.get(flags[at], flags[at])
    return flags[at] in earlier or clash in earlier


def _refused(pattern: str, flags: str, start: int) -> _Complaint | None:
    """Return why JavaScript refuses a pattern that begins at `start`, if it does."""
    try:
        regress.Regex(pattern, flags)
    except regress.RegressError as error:
        complaint = _place(pattern)
        if complaint is None:
            text = str(error).rstrip(".")
            return _Complaint(start, text[0].lower() + text[1:])
        return _Complaint(start + complaint.offset, complaint.message, complaint.hint)
    return None


def _place(pattern: str) -> _Complaint | None:
    """Return why Python refuses what it takes from JavaScript: only Python's parser says where."""
    added: list[int] = []

    def translated(match: re.Match[str]) -> str:
        token = match.group()
        if token == "(?<":
            added.append(match.end() + len(added))
            return "(?P<"
        return r"\d" if token in (r"\p", r"\P", r"\k", r"\u") else token

    complaint = _by_python(_TOKEN_OF_JAVASCRIPT.sub(translated, pattern))
    if complaint is None:
        return None
    offset = complaint.offset - sum(at <= complaint.offset for at in added)
    return _Complaint(offset, complaint.message, complaint.hint)


def _by_python(pattern: str) -> _Complaint | None:
    """Return why Python refuses a pattern, if it does."""
    try:
        with warnings.catch_warnings():
            # A set that may mean something else one day is a pattern all the same.
            warnings.simplefilter("ignore")
            re.compile(pattern)
    except re.error as error:
        offset = error.pos or 0
        for begins, message, hint in _HINTS:
            if error.msg.startswith(begins):
                return _Complaint(offset, message or error.msg, hint)
        return _Complaint(offset, error.msg)
    except (OverflowError, RecursionError):
        return _Complaint(0, "a number or a nesting is too large")
    return None
