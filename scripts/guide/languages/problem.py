"""What a verifier reports, and the arithmetic of positions that verifiers share."""

from __future__ import annotations

from dataclasses import dataclass

MOST = 20
"""Problems that one block is worth, where each line is read by itself: a text with more is in
another language, and to explain each line of it takes time."""


@dataclass(frozen=True, slots=True, order=True)
class SyntaxProblem:
    """One place where code does not parse.

    `line` and `column` count from 1 and are relative to the code; a column counts characters,
    and one past the end of a line is where something is missing at its end.
    """

    line: int
    column: int
    message: str
    hint: str | None = None


def at_offset(code: str, offset: int, message: str, hint: str | None = None) -> SyntaxProblem:
    """Return a problem at a character offset (from 0) into the code."""
    line = code.count("\n", 0, offset) + 1
    return SyntaxProblem(line, offset - code.rfind("\n", 0, offset), message, hint)


def at_end(code: str, message: str, hint: str | None = None) -> SyntaxProblem:
    """Return a problem just after the last visible character: where the missing part belongs."""
    return at_offset(code, len(code.rstrip()), message, hint)


def offset_of(code: str, line: int, column: int) -> int:
    """Return the character offset of a position, clamped to the code."""
    lines = code.split("\n")
    if line > len(lines):
        return len(code)
    start = sum(len(text) + 1 for text in lines[: line - 1])
    return min(start + column - 1, len(code))


def omission_before(code: str, offset: int) -> int | None:
    """Return where a literal `...` stands at the offset or just before it; None if none does."""
    for start in (offset, len(code[:offset].rstrip()) - 3):
        if start >= 0 and code.startswith("...", start):
            return start
    return None


def quoted(text: str, limit: int = 30) -> str:
    """Return the text as a code span for a message, shortened and free of control characters."""
    first = text.strip().split("\n", 1)[0]
    visible = "".join(char if char.isprintable() else f"\\x{ord(char):02x}" for char in first)
    shown = visible if len(visible) <= limit else visible[: limit - 1] + "…"
    return f"`` {shown} ``" if "`" in shown else f"`{shown}`"
