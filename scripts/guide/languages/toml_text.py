"""TOML 1.0, with the parser of the standard library. Fragments: any run of whole lines."""

from __future__ import annotations

import re
import tomllib

from guide.languages.problem import SyntaxProblem, at_end, at_offset, offset_of

_PLACE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")


def verify(language: str, code: str) -> tuple[SyntaxProblem, ...]:
    """Return the first problem, if any."""
    try:
        tomllib.loads(code)
    except ValueError as error:  # of which Python's limit on digits is a plain one
        return (_explain(code, str(error).partition(";")[0]),)
    return ()


def _explain(code: str, text: str) -> SyntaxProblem:
    place = _PLACE.search(text)
    message = text[: place.start()] if place else text
    message = message[0].lower() + message[1:]
    if place is None or place.group(1) is None:
        return at_end(code, message)
    offset = offset_of(code, int(place.group(1)), int(place.group(2)))
    if offset >= len(code.rstrip()):
        return at_end(code, message)
    return at_offset(code, offset, message)
