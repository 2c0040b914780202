"""JSON and JSON Lines, as RFC 8259 has them: no comments, no `NaN`, no name twice in an object.

Fragments: none; an omission inside JSON cannot be told from a mistake.
"""

from __future__ import annotations

import json
import re

from guide.languages.problem import SyntaxProblem, at_end, at_offset, quoted

_TOKEN = re.compile(
    r"""[ \t\n\r]+ | "(?:[^"\\]|\\.)*" | [\[\]{}:,] | [^\s\[\]{}:,"]+""", re.VERBOSE | re.DOTALL
)
_NOT_JSON = frozenset({"NaN", "Infinity", "-Infinity"})
_OTHER_LANGUAGES = {
    "True": "true",
    "False": "false",
    "None": "null",
    "undefined": "null",
    "nil": "null",
}
_WORD = re.compile(r"[A-Za-z_$][\w$-]*")


def verify(language: str, code: str) -> tuple[SyntaxProblem, ...]:
    """Return the first problem of a JSON text, or of each line of JSON Lines."""
    if language != "jsonl":
        return _verify_text(code)
    problems: list[SyntaxProblem] = []
    for number, line in enumerate(code.split("\n")):
        if line.strip():
            problems += [
                SyntaxProblem(each.line + number, each.column, each.message, each.hint)
                for each in _verify_text(line)
            ]
    return tuple(problems)


def _verify_text(code: str) -> tuple[SyntaxProblem, ...]:
    try:
        # Python limits the digits of a whole number, JSON does not.
        json.loads(code, parse_int=float)
    except json.JSONDecodeError as error:
        return (_explain(code, error),)
    try:
        json.loads(code, parse_int=float, parse_constant=_reject, object_pairs_hook=_unique)
    except _TooLiberalError:
        return _tolerated(code)
    return ()


class _TooLiberalError(Exception):
    """Python's parser accepts something here that JSON does not."""


def _reject(_: str) -> None:
    raise _TooLiberalError


def _unique(pairs: list[tuple[str, object]]) -> None:
    if len({name for name, _ in pairs}) < len(pairs):
        raise _TooLiberalError


def _tolerated(code: str) -> tuple[SyntaxProblem, ...]:
    """Find repeated names and non-numbers in a text that Python's parser accepts."""
    problems: list[SyntaxProblem] = []
    names: list[dict[str, int] | None] = []
    name_is_next = False
    for match in _TOKEN.finditer(code):
        token, offset = match.group(), match.start()
        if token.isspace():
            continue
        if token == "{":
            names.append({})
        elif token == "[":
            names.append(None)
        elif token in "]}":
            names.pop()
        elif token in _NOT_JSON:
            problems.append(at_offset(code, offset, f"JSON has no {quoted(token)}", "use `null`"))
        elif name_is_next and names and names[-1] is not None:
            name = json.loads(token)
            if name in names[-1]:
                first = code.count("\n", 0, names[-1][name]) + 1
                message = f"the name {quoted(token)} occurs twice in this object"
                problems.append(at_offset(code, offset, message, f"first on line {first}"))
            names[-1].setdefault(name, offset)
        name_is_next = token == "{" or (token == "," and bool(names) and names[-1] is not None)
    return tuple(problems)


def _explain(code: str, error: json.JSONDecodeError) -> SyntaxProblem:
    offset = error.pos
    while offset < len(code) and code[offset].isspace() and "control" not in error.msg:
        offset += 1
    rest = code[offset:]
    if not rest:
        return at_end(code, "the JSON ends too early", _unclosed(code))
    if rest.startswith(("//", "/*", "#")):
        return at_offset(code, offset, "comments are not JSON", "say it in the text beside it")
    if rest.startswith(("...", "…")):
        return at_offset(
            code, offset, "an omission is not JSON", "give the whole text, or shorten the example"
        )
    if rest[0] == "'":
        return at_offset(code, offset, "single quotes are not JSON", "use double quotes")
    comma = _comma_before(code, offset, rest)
    if comma is not None:
        return at_offset(code, comma, "JSON does not allow trailing commas", "remove the comma")
    word = _WORD.match(rest)
    if word and word.group() in _OTHER_LANGUAGES:
        literal = _OTHER_LANGUAGES[word.group()]
        return at_offset(code, offset, f"{quoted(word.group())} is not JSON", f"use `{literal}`")
    if error.msg.startswith("Expecting property name") and word:
        hint = f'use double quotes: `"{word.group()}"`'
        return at_offset(code, offset, "a name in an object needs quotes", hint)
    return at_offset(code, offset, *_message(code, offset, rest, error.msg))


def _comma_before(code: str, offset: int, rest: str) -> int | None:
    """Return where the comma is that a closing bracket follows, whatever the parser points at."""
    if rest[0] in "]}":
        before = code[:offset].rstrip()
        return len(before) - 1 if before.endswith(",") else None
    if rest[0] == "," and rest[1:].lstrip()[:1] in ("]", "}"):
        return None if code[:offset].rstrip()[-1:] in ("", "[", "{") else offset
    return None


def _message(code: str, offset: int, rest: str, message: str) -> tuple[str, str | None]:
    if message.startswith("Expecting ',' delimiter"):
        if rest[0] in "]}":
            return f"unexpected `{rest[0]}`", _unclosed(code[:offset])
        if rest[0].isdigit() and code[:offset].endswith(("0", "-0")):
            return "a number cannot begin with 0", None
        return "a comma is missing before this", None
    if message.startswith("Expecting ':' delimiter"):
        return "a colon is missing before this", None
    if message.startswith("Unterminated string"):
        return "the string is never closed", None
    if message.startswith("Invalid control character"):
        return "a string cannot hold a line break or a control character", "write it as `\\n`"
    if message.startswith("Invalid \\"):
        return (
            "this escape is not JSON",
            'JSON escapes are `\\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX`',
        )
    if message.startswith("Extra data"):
        return "the JSON has already ended before this", "one value a block; `jsonl` holds several"
    token = _TOKEN.match(rest)
    return f"unexpected {quoted(token.group() if token else rest[0])}", None


def _unclosed(code: str) -> str | None:
    """Say which bracket is still open at the end of the code."""
    stack: list[int] = []
    for match in _TOKEN.finditer(code):
        if match.group() in ("{", "["):
            stack.append(match.start())
        elif match.group() in ("}", "]") and stack:
            stack.pop()
    if not stack:
        return None
    opened = at_offset(code, stack[-1], "")
    closer = "}" if code[stack[-1]] == "{" else "]"
    return f"`{closer}` is missing: `{code[stack[-1]]}` on line {opened.line} is not closed"
