"""Redis commands, one a line, as one types them into redis-cli.

Lines that start with `#` are comments. In a transcript (`127.0.0.1:6379> GET key`) the lines
without a prompt are replies. Names and numbers of arguments are those that Redis 7.0 gives in
reply to COMMAND, kept in redis_commands.json; a negative number means "at least".
"""

from __future__ import annotations

import difflib
import functools
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from guide.languages.problem import SyntaxProblem, quoted

_PROMPT = re.compile(r"^(?:[\w.-]+:\d+(?:\[\d+\])?|redis)?(?:\(TX\))?> ?")
_ARGUMENT = re.compile(r"\"(?:\\.|[^\"\\])*\"(?=\s|$)|'(?:\\'|[^'])*'(?=\s|$)|[^\s\"']\S*")
_TABLE = Path(__file__).with_suffix(".json")


def verify(language: str, code: str) -> tuple[SyntaxProblem, ...]:
    """Return a problem for each line whose command does not exist or has other arguments."""
    lines = code.split("\n")
    transcript = any(_PROMPT.match(line) for line in lines)
    problems = []
    for number, line in enumerate(lines, start=1):
        prompt = _PROMPT.match(line)
        start = prompt.end() if prompt else len(line) - len(line.lstrip())
        text = line[start:].rstrip()
        if not text or text.startswith("#") or (transcript and not prompt):
            continue
        found = _problem(text)
        if found:
            offset, message, hint = found
            problems.append(SyntaxProblem(number, start + offset + 1, message, hint))
    return tuple(problems)


def _problem(text: str) -> tuple[int, str, str | None] | None:
    """Offset, message and hint for what is wrong with one command, if anything is."""
    words: list[str] = []
    position = 0
    while position < len(text):
        match = _ARGUMENT.match(text, position)
        if match is None:
            return position, "a quoted argument that does not end, or has text behind it", None
        words.append(match[0])
        position = match.end()
        position += len(text[position:]) - len(text[position:].lstrip())
    name = words[0].lower()
    entry = _commands().get(name)
    if entry is None:
        return 0, f"Redis has no command {quoted(words[0])}", _near(name, _commands())
    shown, arity = words[0].upper(), entry["arity"]
    subcommands: Mapping[str, int] = entry.get("subcommands", {})
    if subcommands and len(words) > 1:
        second = words[1].lower()
        if second not in subcommands:
            offset = text.index(words[1], len(words[0]))
            message = f"{quoted(shown)} has no subcommand {quoted(words[1])}"
            return offset, message, _near(second, subcommands)
        shown, arity = f"{shown} {words[1].upper()}", subcommands[second]
    wanted = abs(arity) - len(shown.split())
    given = len(words) - len(shown.split())
    if given < wanted or (arity > 0 and given > wanted):
        least = "at least " if arity < 0 else ""
        return 0, f"{quoted(shown)} takes {least}{wanted} arguments, not {given}", None
    return None


@functools.cache
def _commands() -> Mapping[str, Any]:
    table: Mapping[str, Any] = json.loads(_TABLE.read_text(encoding="utf-8"))
    return table


def _near(word: str, known: Mapping[str, object]) -> str | None:
    near = difflib.get_close_matches(word, list(known), n=1)
    return f"did you mean `{near[0].upper()}`?" if near else None
