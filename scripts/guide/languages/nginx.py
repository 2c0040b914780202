"""nginx configuration: its syntax, then what crossplane knows of each directive.

A directive that crossplane knows must stand in a context that takes it and have a fitting number
of arguments; one that it does not know is accepted, since modules and newer versions add theirs.
Fragments: directives of any one context.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from crossplane.analyzer import CONTEXTS, DIRECTIVES, analyze, enter_block_ctx
from crossplane.errors import NgxParserDirectiveError

from guide.languages.problem import SyntaxProblem, at_end, at_offset, quoted

_TOKEN = re.compile(
    r"""
      (?P<skip>\s+|\#[^\n]*)
    | (?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
    | (?P<punctuation>[{};])
    | (?P<unclosed>["'])
    | (?P<word>(?:\\.|\$\{[^}\s]*\}|[^\s{};\\]|\\$)+)
    """,
    re.VERBOSE | re.DOTALL,
)
_FREE_FORM = frozenset({"map", "geo", "types", "split_clients", "charset_map"})


@dataclass(slots=True)
class _Directive:
    """A directive with its arguments, and its block where it has one."""

    name: str
    offset: int
    arguments: list[str] = field(default_factory=list)
    block: list[_Directive] | None = None


def verify(language: str, code: str) -> tuple[SyntaxProblem, ...]:
    """Return the first problem, if any."""
    try:
        directives = _parse(code)
    except _UnexpectedError as error:
        return (error.problem,)
    attempts = [next(_misused(code, directives, context), None) for context in CONTEXTS]
    problems = [each for each in attempts if each is not None]
    # In the context that the author had in mind, the directives get furthest.
    return () if len(problems) < len(attempts) else (max(problems),)


class _UnexpectedError(Exception):
    """The text is not a configuration."""

    def __init__(self, problem: SyntaxProblem) -> None:
        super().__init__(problem.message)
        self.problem = problem


def _parse(code: str) -> list[_Directive]:
    root: list[_Directive] = []
    blocks = [root]
    opened: list[_Directive] = []
    current: _Directive | None = None
    for match in _TOKEN.finditer(code):
        token, offset = match.group(), match.start()
        if match["skip"] is not None:
            continue
        if match["unclosed"] is not None:
            raise _UnexpectedError(at_offset(code, offset, "the string is never closed"))
        if match["punctuation"] is None:
            if current is None:
                current = _Directive(token, offset)
            elif token in DIRECTIVES and not code[code.rfind("\n", 0, offset) + 1 : offset].strip():
                raise _UnexpectedError(_unfinished(code, current, offset))
            else:
                current.arguments.append(token.strip("\"'") if match["string"] else token)
        elif token == "}":
            if current is not None:
                raise _UnexpectedError(_unfinished(code, current, offset))
            if not opened:
                message = "unexpected `}`"
                raise _UnexpectedError(at_offset(code, offset, message, "no block is open here"))
            opened.pop()
            blocks.pop()
        elif current is None:
            raise _UnexpectedError(at_offset(code, offset, f"unexpected `{token}`"))
        else:
            blocks[-1].append(current)
            if token == "{":
                current.block = []
                opened.append(current)
                blocks.append(current.block)
            current = None
    if current is not None:
        raise _UnexpectedError(_unfinished(code, current, len(code)))
    if opened:
        line = at_offset(code, opened[-1].offset, "").line
        hint = f"`{opened[-1].name}` on line {line} is not closed"
        raise _UnexpectedError(at_end(code, "`}` is missing", hint))
    return root


def _unfinished(code: str, directive: _Directive, offset: int) -> SyntaxProblem:
    """Report a missing semicolon where the first line of the directive ends."""
    stop = code.find("\n", directive.offset)
    stop = offset if stop == -1 else min(stop, offset)
    end = len(code[:stop].rstrip())
    return at_offset(code, end, f"`;` is missing after `{directive.name}`")


def _misused(
    code: str, directives: list[_Directive], context: tuple[str, ...]
) -> Iterator[SyntaxProblem]:
    """Yield each directive that its context does not take, in order."""
    for each in directives:
        statement = {"directive": each.name, "line": 1, "args": each.arguments}
        try:
            analyze(None, statement, ";" if each.block is None else "{", context)
        except NgxParserDirectiveError as error:
            message = str(error.strerror).replace(f'"{each.name}"', f"`{each.name}`")
            yield at_offset(code, each.offset, message, _hint(each))
        if each.block is not None and each.name not in _FREE_FORM:
            yield from _misused(code, each.block, enter_block_ctx(statement, context))


def _hint(directive: _Directive) -> str | None:
    given = len(directive.arguments)
    return f"it has {given} here: {quoted(' '.join(directive.arguments), 60)}" if given else None
