"""Redis commands, one a line, as redis-cli reads them.

A command must exist, with its sub-command where it has some, and its arguments must be as many as
its arity allows. A name with a dot (`JSON.SET`) belongs to a module: its arguments are its own.
Fragments: any run of commands; where lines begin with a prompt, the others are replies.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from guide.languages.problem import MOST, SyntaxProblem, quoted

_PROMPT = re.compile(r"\s*(?:[\w.-]+(?::\d+)?(?:\[\d+\])?(?:\([A-Z]+\))?)?> ?")
_REPLY = re.compile(r"\((?:integer|nil|error|empty|double|true|false)\b|\d+\)$|OK$|QUEUED$|PONG$")
_OF_THE_CLIENT = frozenset({"?", "CLEAR", "CONNECT", "EXIT", "HELP", ":SET"})


@dataclass(frozen=True, slots=True)
class _Word:
    """One argument as the server gets it, and its column in the line (from 1)."""

    text: str
    column: int


@dataclass(frozen=True, slots=True)
class _Table:
    """The arity of each command, and of the sub-commands of those that are only containers."""

    commands: Mapping[str, int]
    containers: Mapping[str, Mapping[str, int]]


class _UnreadableError(Exception):
    """redis-cli cannot split the line into words."""

    def __init__(self, column: int, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.column = column
        self.hint = hint


def verify(language: str, code: str) -> tuple[SyntaxProblem, ...]:
    """Return the problem of each command that has one, up to the most that are worth it."""
    lines = code.split("\n")
    prompts = [_PROMPT.match(line) for line in lines]
    with_prompts = any(prompts)
    problems = []
    for number, (line, prompt) in enumerate(zip(lines, prompts, strict=True), start=1):
        if prompt is None and (with_prompts or not line.strip() or line.lstrip().startswith("#")):
            continue
        problem = _command_problem(number, line, prompt.end() if prompt else 0)
        if problem is not None:
            problems.append(problem)
        if len(problems) == MOST:
            break
    return tuple(problems)


def _command_problem(number: int, line: str, start: int) -> SyntaxProblem | None:
    try:
        words = _split(line, start)
    except _UnreadableError as error:
        return SyntaxProblem(number, error.column, str(error), error.hint)
    comment = next((at for at, word in enumerate(words) if word.text == "#"), len(words))
    words = words[:comment]
    if len(words) > 1 and words[0].text.isdecimal():
        # redis-cli repeats a command that a number precedes.
        words = words[1:]
    if not words:
        return None
    name = words[0].text.upper()
    if "." in name.strip(".") or name in _OF_THE_CLIENT:
        return None
    table = _table()
    if name not in table.commands:
        message = f"unknown command {quoted(words[0].text)}"
        return SyntaxProblem(number, words[0].column, message, _hint(words[0].text, table))
    subcommands = table.containers.get(name)
    arity = table.commands[name]
    title = name
    if subcommands is not None and len(words) > 1:
        subcommand = words[1].text.upper()
        if subcommand not in subcommands:
            message = f"`{name}` has no sub-command {quoted(words[1].text)}"
            hint = _did_you_mean(subcommand, subcommands)
            return SyntaxProblem(number, words[1].column, message, hint)
        title, arity = f"{name} {subcommand}", subcommands[subcommand]
    return _arity_problem(number, line, words, title, arity)


def _arity_problem(
    number: int, line: str, words: list[_Word], title: str, arity: int
) -> SyntaxProblem | None:
    size = len(words)
    if size == arity or (arity < 0 and size >= -arity):
        return None
    own = title.count(" ") + 1
    wanted, given = abs(arity) - own, size - own
    least = "at least " if arity < 0 else ""
    message = f"`{title}` takes {least}{_arguments(wanted)}, but has {given or 'none'}"
    too_many = size > abs(arity)
    column = words[arity].column if too_many else len(line.rstrip()) + 1
    hint = "quote a value that holds spaces" if too_many and wanted else None
    return SyntaxProblem(number, column, message, hint)


def _arguments(count: int) -> str:
    if count == 0:
        return "no arguments"
    return "1 argument" if count == 1 else f"{count} arguments"


def _hint(name: str, table: _Table) -> str | None:
    if _REPLY.match(name) or name.startswith(('"', "'")):
        return "replies follow commands that begin with a prompt, such as `>`"
    if name in ("$", "redis-cli"):
        return "a command of the shell is `bash` or `console`"
    return _did_you_mean(name.upper(), table.commands)


def _did_you_mean(name: str, known: Iterable[str]) -> str | None:
    near = difflib.get_close_matches(name[:40], known, n=5, cutoff=0.65)
    if not near:
        return None
    # Letters that changed places are the likeliest slip.
    best = min(near, key=lambda each: sorted(each) != sorted(name))
    return f"did you mean `{best}`?"


def _split(line: str, start: int) -> list[_Word]:
    """Split a line as redis-cli does: a quote begins anywhere and ends a word. Raises."""
    words: list[_Word] = []
    at = start
    while at < len(line):
        if line[at].isspace():
            at += 1
            continue
        first = at
        text = ""
        while at < len(line) and not line[at].isspace():
            if line[at] in "\"'":
                end = _closing(line, at)
                text += line[at + 1 : end]
                at = end + 1
                if at < len(line) and not line[at].isspace():
                    hint = "a space must follow a closing quote"
                    raise _UnreadableError(at + 1, f"unexpected {quoted(line[at])}", hint)
            else:
                stop = at
                while stop < len(line) and line[stop] not in "\"'" and not line[stop].isspace():
                    stop += 1
                text += line[at:stop]
                at = stop
        words.append(_Word(text, first + 1))
    return words


def _closing(line: str, opening: int) -> int:
    """Return where the quote ends that begins at `opening`. Raises."""
    quote = line[opening]
    at = opening + 1
    while at < len(line):
        if line[at] == "\\" and (quote == '"' or line[at + 1 : at + 2] == quote):
            at += 2
        elif line[at] == quote:
            return at
        else:
            at += 1
    raise _UnreadableError(opening + 1, "the string is never closed")


@cache
def _table() -> _Table:
    text = resources.files("guide.languages").joinpath("redis_commands.json").read_text("utf-8")
    data = json.loads(text)
    return _Table(data["commands"], data["containers"])
