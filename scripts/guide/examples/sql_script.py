"""A SQL script of several sessions: what is sent to which connection, in which order.

What stands before the first `-- session NAME` line is the setup. From there on, every statement
goes to the session that was named last. A statement ends with a line that ends with `;`, outside
dollar quotes, or with a command of psql, such as `\\gset`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_SESSION = re.compile(r"^-- session (\w+) *$")
_SENT = re.compile(r"\s*\\g(?:desc|exec|set|x)?\b.*$", re.MULTILINE)
_DOLLAR_QUOTE = re.compile(r"\$\w*\$")


class ScriptError(Exception):
    """The script cannot go on; the text says at which line, and why."""


@dataclass(frozen=True, slots=True)
class Statement:
    """What one session is sent, and the line it starts on."""

    session: str
    text: str
    line: int

    @property
    def sql(self) -> str:
        """The part that readers see: commands of psql are not shown, only what they print."""
        text = _SENT.sub(";", self.text)
        return "\n".join(line for line in text.split("\n") if not line.startswith("\\"))

    @property
    def verb(self) -> str:
        """Its first word, as `BEGIN`."""
        return self.sql.partition(" ")[0].rstrip(";").upper()


@dataclass(frozen=True, slots=True)
class Script:
    """The setup, then statements; a plain text among them is a comment or a blank line."""

    setup: str
    steps: tuple[Statement | str, ...]

    @property
    def sessions(self) -> tuple[str, ...]:
        """Their names in the order of their first statements."""
        statements = [step for step in self.steps if isinstance(step, Statement)]
        return tuple(dict.fromkeys(each.session for each in statements))


def has_sessions(text: str) -> bool:
    """Whether a script names sessions; otherwise it is psql's alone."""
    return any(map(_SESSION.match, text.split("\n")))


def read_script(text: str) -> Script:
    """Split a script; raises ScriptError where a statement has no end."""
    lines = text.rstrip("\n").split("\n")
    first = next(at for at, line in enumerate(lines) if _SESSION.match(line))
    return Script("\n".join(lines[:first]), tuple(_steps(lines, first)))


def _steps(lines: Sequence[str], first: int) -> Iterator[Statement | str]:
    session = ""
    at = first
    while at < len(lines):
        named = _SESSION.match(lines[at])
        end = at + 1
        if named:
            session = named[1]
        elif not lines[at].strip() or lines[at].startswith("--"):
            yield lines[at].rstrip()
        else:
            end = _end_of_statement(lines, at)
            yield Statement(session, "\n".join(lines[at:end]), at + 1)
        at = end


def _end_of_statement(lines: Sequence[str], start: int) -> int:
    """Where the next one starts: commands of psql that follow belong to the statement."""
    end = start + 1
    while not _is_complete(lines[start:end]):
        if end == len(lines):
            raise ScriptError(f"line {start + 1}: the statement has no end; end it with `;`")
        end += 1
    while end < len(lines) and lines[end].startswith("\\"):
        end += 1
    return end


def _is_complete(lines: Sequence[str]) -> bool:
    if lines[-1].startswith("\\") or _SENT.search(lines[-1]):
        return True
    quotes = _DOLLAR_QUOTE.findall("\n".join(lines))
    return lines[-1].rstrip().endswith(";") and len(quotes) % 2 == 0
