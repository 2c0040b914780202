"""Syntax problems of a piece of code, parsed once however many pages show it."""

from __future__ import annotations

from guide.languages import SyntaxProblem, verify
from guide.library.memo import Memo, digest


def syntax_problems(memo: Memo, language: str, code: str) -> tuple[SyntaxProblem, ...]:
    """Return the problems of `code` in a known language, from `memo` if it was parsed before."""
    return memo.get("syntax", digest(language, code), lambda: verify(language, code))
