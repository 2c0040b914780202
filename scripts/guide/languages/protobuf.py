"""Protocol Buffers definitions, with the ANTLR grammar in proto-schema-parser.

Fragments: fields as they stand in a message, and `rpc` methods as they stand in a service.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from antlr4 import CommonTokenStream, InputStream
from antlr4.error.ErrorListener import ErrorListener
from proto_schema_parser.antlr.ProtobufLexer import ProtobufLexer
from proto_schema_parser.antlr.ProtobufParser import ProtobufParser

from guide.languages.problem import SyntaxProblem, at_end, at_offset, offset_of, quoted

_FRAGMENTS = ("service Fragment {{\n{}\n}}", "message Fragment {{\n{}\n}}")
_FOUND = re.compile(r"(?:mismatched|extraneous) input '.*?' expecting (.*)", re.DOTALL)
_MISSING = re.compile(r"missing (.*?) at '(.*)'", re.DOTALL)


def verify(language: str, code: str) -> tuple[SyntaxProblem, ...]:
    """Return the first problem, if any, of the reading that gets furthest."""
    error = _first_error(code)
    if error is None:
        return ()
    furthest = error
    for wrapper in _FRAGMENTS if _keeps_in(code) else ():
        error = _first_error(wrapper.format(code))
        if error is None:
            return ()
        # The wrapper adds one line above.
        moved = _Error(error.line - 1, error.column, error.text)
        furthest = max(furthest, moved, key=lambda each: (each.line, each.column))
    return (_explain(code, furthest),)


def _keeps_in(code: str) -> bool:
    """Return whether the code closes no more braces than it opens: it must not end a wrapper."""
    depth = 0
    for brace in re.findall(r"[{}]", code):
        depth += 1 if brace == "{" else -1
        if depth < 0:
            return False
    return True


@dataclass(frozen=True, slots=True)
class _Error:
    """An error as ANTLR reports it; the line counts from 1, the column from 0."""

    line: int
    column: int
    text: str


class _FirstFoundError(Exception):
    """Ends the parse: looking for more errors takes long and says nothing more."""

    def __init__(self, error: _Error) -> None:
        super().__init__(error.text)
        self.error = error


class _Listener(ErrorListener):  # type: ignore[misc]
    """Stops at the first error, which ANTLR would print."""

    def syntaxError(  # noqa: N802
        self, recognizer: object, symbol: object, line: int, column: int, msg: str, e: object
    ) -> None:
        """Take one error from ANTLR."""
        raise _FirstFoundError(_Error(line, column, msg))


def _first_error(code: str) -> _Error | None:
    lexer = ProtobufLexer(InputStream(code))
    parser = ProtobufParser(CommonTokenStream(lexer))
    for each in (lexer, parser):
        each.removeErrorListeners()
        each.addErrorListener(_Listener())
    try:
        parser.file_()  # type: ignore[no-untyped-call]
    except _FirstFoundError as first:
        return first.error
    return None


def _explain(code: str, error: _Error) -> SyntaxProblem:
    offset = offset_of(code, error.line, error.column + 1)
    ends = offset >= len(code.rstrip())
    token = re.match(r"\w+|\S", code[offset:])
    message = "the definition ends too early"
    if match := _MISSING.match(error.text):
        message = f"{_expected(match[1])} is missing"
    elif not ends and token:
        message = f"unexpected {quoted(token.group())}"
    if match := _FOUND.match(error.text):
        choices = match[1].strip("{}").split(", ")
        if len(choices) <= 3:
            message += f", expected {' or '.join(map(_expected, choices))}"
    return at_end(code, message) if ends else at_offset(code, offset, message)


def _expected(token: str) -> str:
    names = {"<EOF>": "the end", "IDENTIFIER": "a name", "INT_LITERAL": "a number"}
    return names.get(token, f"`{token.strip(chr(39))}`")
