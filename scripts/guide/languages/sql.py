"""SQL, with the grammar of the PostgreSQL server itself (17), by way of pgparse.

Parameters are `$1`, as the server takes them. Fragments: none below a statement, which is what
the server reads; several statements may follow each other.
"""

from __future__ import annotations

import re

from guide.languages.problem import SyntaxProblem, at_end, at_offset, omission_before, quoted

try:
    import pgparse
except ImportError:  # pragma: no cover - Windows and Intel Macs have no wheel
    pgparse = None

_NEAR = re.compile(r'(.*) at or near "(.*)"$', re.DOTALL)


def verify(language: str, code: str) -> tuple[SyntaxProblem, ...]:
    """Return the first problem that PostgreSQL's parser finds, if any."""
    if pgparse is None:
        message = "SQL cannot be verified here: PostgreSQL's parser has no build for this machine"
        return (SyntaxProblem(1, 1, message, "Linux and Macs with Apple silicon have one"),)
    try:
        pgparse.parse(code)
    except pgparse.PGQueryError as error:
        return (_explain(code, str(error.message), int(error.position) - 1),)
    return ()


def _explain(code: str, message: str, offset: int) -> SyntaxProblem:
    if message.endswith("at end of input"):
        hint = "a parameter is written `$1`" if code.rstrip().endswith("?") else None
        return at_end(code, "the statement ends too early", hint)
    near = _NEAR.fullmatch(message)
    if near is None:
        return at_offset(code, max(offset, 0), message)
    what, token = near.groups()
    if what.startswith("memory exhausted"):
        raise MemoryError
    dots = omission_before(code, offset)
    if dots is not None:
        hint = "write the omission as a comment: `-- ...`"
        return at_offset(code, dots, "unexpected `...`", hint)
    if what == "syntax error":
        return at_offset(code, offset, f"unexpected {quoted(token)}", _hint(code, offset, token))
    return at_offset(code, offset, f"{what}: {quoted(token)}")


def _hint(code: str, offset: int, token: str) -> str | None:
    before = code[:offset].rstrip()
    if before.endswith(",") and token.upper() in (")", "FROM", "WHERE"):
        return "remove the comma before it"
    if token == ":" or before.endswith("?") or token.startswith("%"):
        return "a parameter is written `$1`"
    if token == "\\":
        return "psql's own commands are not SQL: show them as `console`"
    return None
