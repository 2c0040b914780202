"""Parse code examples: one verifier per language behind `verify`.

Code may be whole (a program, a document) or an honest fragment of one (a method, some statements):
each module says which fragments it reads.
"""

from __future__ import annotations

from guide.languages.file_names import language_of
from guide.languages.problem import SyntaxProblem, at_offset
from guide.languages.registry import LANGUAGES, Language, canonical, is_known, verifier

__all__ = [
    "LANGUAGES",
    "Language",
    "SyntaxProblem",
    "canonical",
    "is_known",
    "language_of",
    "verify",
]


def verify(language: str, code: str, *, is_part: bool = False) -> tuple[SyntaxProblem, ...]:
    """Return the syntax problems of code in a language or alias, in the order of their places.

    A part of a document that is verified elsewhere as a whole need not fit the schema of the whole.
    Nothing is reported for exempt languages. Raises ValueError if the language is unknown.
    """
    name = canonical(language)
    if name is None:
        raise ValueError(f"unknown language: {language}")
    parse = verifier(LANGUAGES[name], is_part=is_part)
    if parse is None:
        return ()
    code = code.replace("\r\n", "\n")
    unreadable = _unreadable(code)
    if unreadable is not None:
        return (unreadable,)
    try:
        return tuple(sorted(parse(name, code), key=lambda each: (each.line, each.column)))
    except (RecursionError, MemoryError):
        return (SyntaxProblem(1, 1, "the code is nested too deeply to be parsed"),)


def _unreadable(code: str) -> SyntaxProblem | None:
    """Find what no language accepts, so that no parser needs to survive it."""
    if not code.strip():
        return SyntaxProblem(1, 1, "the block is empty")
    for char, name in (("\x00", "a NUL character"), ("\r", "a lone carriage return")):
        if char in code:
            return at_offset(code, code.index(char), f"{name} is not text")
    try:
        code.encode()
    except UnicodeEncodeError as error:
        return at_offset(code, error.start, "half of a surrogate pair is not text")
    return None
