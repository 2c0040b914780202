"""Syntax problems of a piece of code, parsed once however many pages show it."""

from __future__ import annotations

import re

from guide.languages import SyntaxProblem, verify
from guide.library.memo import Memo, digest

_SENT_BY_PSQL = re.compile(r"\s*\\g(?:desc|exec|set|x)?\b.*$", re.MULTILINE)
_COMMAND_OF_PSQL = re.compile(r"^\\.*$", re.MULTILINE)
_VARIABLE_OF_PSQL = re.compile(r"""(?<![:\w]):(?:[A-Za-z_]\w*|'\w+'|"\w+")""")


def syntax_problems(
    memo: Memo, language: str, code: str, *, is_script: bool = False, is_part: bool = False
) -> tuple[SyntaxProblem, ...]:
    """Return the problems of `code` in a known language, from `memo` if it was parsed before.

    A script is a file that the client of a server runs: in SQL, lines such as `\\echo`, values such
    as `:name`, and `\\gset` in place of a semicolon are psql's. A part is shown of a file that is
    parsed as a whole, too.
    """
    if is_script and language == "sql":
        code = _SENT_BY_PSQL.sub(lambda match: ";" + "\n" * match[0].count("\n"), code)
        code = _COMMAND_OF_PSQL.sub("", code)
        code = _VARIABLE_OF_PSQL.sub(lambda match: "$1".ljust(len(match[0])), code)
    key = digest(language, code, "part" if is_part else "whole")
    return memo.get("syntax", key, lambda: verify(language, code, is_part=is_part))
