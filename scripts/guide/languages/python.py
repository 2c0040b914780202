"""Python, with the compiler of the Python that runs the guide.

Fragments: statements that belong inside a function (`return`, `yield`, `await`, `async with`) and
code that is indented as a whole.
"""

from __future__ import annotations

import ast
import contextlib
import textwrap
import warnings
from types import CodeType

from guide.languages.problem import SyntaxProblem, at_end, at_offset, offset_of

_OUTSIDE_FUNCTION = ("outside function", "outside async function")


def verify(language: str, code: str) -> tuple[SyntaxProblem, ...]:
    """Return the first problem that the compiler finds, if any."""
    text = textwrap.dedent(code)
    first, dedented = _first_line(code), _first_line(text)
    indent = len(first) - len(dedented)
    try:
        with warnings.catch_warnings(record=True) as doubts:
            warnings.simplefilter("always")
            _compile(text)
    except SyntaxError as error:
        return (_problem(text, error, indent),)
    # Of what the compiler only doubts, this is always a mistake, and the same in every version.
    missing = [each for each in doubts if "perhaps you missed a comma" in str(each.message)]
    return tuple(_doubt(text, each, indent) for each in missing[:1])


def _doubt(code: str, doubt: warnings.WarningMessage, indent: int) -> SyntaxProblem:
    line = code.split("\n")[doubt.lineno - 1]
    column = len(line) - len(line.lstrip()) + indent + 1
    what = str(doubt.message).partition(";")[0]
    return SyntaxProblem(doubt.lineno, column, what, "perhaps a comma is missing")


def _first_line(code: str) -> str:
    return next(line for line in code.split("\n") if line.strip())


def _compile(code: str) -> CodeType:
    tree = ast.parse(code)
    try:
        code_object: CodeType = compile(
            tree, "<example>", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True
        )
        return code_object
    except SyntaxError as error:
        if not str(error.msg).endswith(_OUTSIDE_FUNCTION):
            raise
    try:
        return _compile_in("async def fragment(): pass", tree)
    except SyntaxError as error:
        # A coroutine cannot both `yield` and return a value; a plain function can.
        if "async generator" in str(error.msg):
            with contextlib.suppress(SyntaxError):
                return _compile_in("def fragment(): pass", tree)
        raise


def _compile_in(wrapper: str, tree: ast.Module) -> CodeType:
    """Compile the statements as the body of a function; their positions stay as they are."""
    module = ast.parse(wrapper)
    function = module.body[0]
    assert isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
    function.body = tree.body
    return compile(module, "<example>", "exec", dont_inherit=True)


def _problem(code: str, error: SyntaxError, indent: int) -> SyntaxProblem:
    message = str(error.msg)
    message = message[0].lower() + message[1:]
    line = code.split("\n")[(error.lineno or 1) - 1] if error.lineno else ""
    column = error.offset or 1
    hint = None
    if isinstance(error, IndentationError):
        # Versions disagree about the column.
        column = len(line) - len(line.lstrip()) + 1
    if line.startswith(">>> "):
        hint = "a session with prompts and output is `console`"
    offset = offset_of(code, error.lineno or 1, column)
    ended = offset >= len(code.rstrip())
    found = at_end(code, message) if ended else at_offset(code, offset, message)
    return SyntaxProblem(found.line, found.column + indent, message, hint)
