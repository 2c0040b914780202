"""Protocol Buffers definitions, with the ANTLR grammar in proto-schema-parser.

Fragments: fields as they stand in a message, and `rpc` methods as they stand in a service.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from antlr4 import CommonTokenStream, InputStream
from antlr4.error.ErrorListener import ErrorListener
from proto_schema_parser.antlr.ProtobufLexer import ProtobufLexer
from proto_schema_parser.antlr.ProtobufParser import ProtobufParser

from guide.languages.problem import SyntaxProblem, at_end, at_offset, offset_of, quoted

_FRAGMENTS = ("service Fragment {{\n{}\n}}", "message Fragment {{\n{}\n}}")
_FOUND = re.compile(r"(?:mismatched|extraneous) input '(.*?)' expecting (.*)", re.DOTALL)
_MISSING = re.compile(r"missing (.*?) at '(.*)'", re.DOTALL)


def verify(language: str, code: str) -> tuple[SyntaxProblem, ...]:
    """Return the first problem, if any, of the reading that gets furthest."""
    whole = _first_error(code)
    if whole is None:
        return ()
    furthest = whole
    for wrapper in _FRAGMENTS:
        error = _first_error(wrapper.format(code))
        if error is None:
            return ()
        # The wrapper adds one line above; an error below the code is one at its end.
        moved = _Error(error.line - 1, error.column, error.text)
        inside = moved.line <= code.count("\n") + 1
        if inside and (moved.line, moved.column) > (furthest.line, furthest.column):
            furthest = moved
    return (_explain(code, furthest),)


@dataclass(frozen=True, slots=True)
class _Error:
    """An error as ANTLR reports it; the line counts from 1, the column from 0."""

    line: int
    column: int
    text: str


@dataclass(slots=True)
class _Listener(ErrorListener):  # type: ignore[misc]
    """Collects errors in place of printing them."""

    errors: list[_Error] = field(default_factory=list)

    def syntaxError(  # noqa: N802
        self, recognizer: object, symbol: object, line: int, column: int, msg: str, e: object
    ) -> None:
        """Take one error from ANTLR."""
        self.errors.append(_Error(line, column, msg))


def _first_error(code: str) -> _Error | None:
    listener = _Listener()
    lexer = ProtobufLexer(InputStream(code))
    parser = ProtobufParser(CommonTokenStream(lexer))
    for each in (lexer, parser):
        each.removeErrorListeners()
        each.addErrorListener(listener)
    parser.file_()  # type: ignore[no-untyped-call]
    return listener.errors[0] if listener.errors else None


def _explain(code: str, error: _Error) -> SyntaxProblem:
    offset = offset_of(code, error.line, error.column + 1)
    ends = offset >= len(code.rstrip())
    if match := _MISSING.match(error.text):
        message = f"{_expected(match[1])} is missing"
    elif match := _FOUND.match(error.text):
        message = "the definition ends too early" if ends else f"unexpected {quoted(match[1])}"
        choices = match[2].strip("{}").split(", ")
        if len(choices) <= 3:
            message += f", expected {' or '.join(map(_expected, choices))}"
    else:
        token = re.match(r"\w+|\S", code[offset:])
        message = f"unexpected {quoted(token.group())}" if token else "ends too early"
    return at_end(code, message) if ends else at_offset(code, offset, message)


def _expected(token: str) -> str:
    names = {"<EOF>": "the end", "IDENTIFIER": "a name", "INT_LITERAL": "a number"}
    return names.get(token, f"`{token.strip(chr(39))}`")
