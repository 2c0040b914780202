"""Break lines of prose that are too long to be parsed soon: a line end there is a blank."""

from __future__ import annotations

import re
from collections.abc import Iterator

from guide.library.fenced_lines import fenced_lines

MAX_LINE = 1_500
"""Characters; the guide reads no line of prose over 2,000."""
_WIDTH = 120
_PREFIX = re.compile(r"(?P<quote>(?:[ ]*>)*)(?P<indent>[ ]*)(?P<marker>(?:[-*+]|\d+[.)]|:)[ ]+)?")
_BREAK = re.compile(r" (?=[^\s#>+*|~=:\d<`!\[\]/-][^\s])|(?<=[。！？；，、])(?=[^\W\d_])")
"""Where a line may end: before a word that starts no block, after punctuation of CJK."""


def broken(text: str) -> str:
    """Return Markdown whose lines of prose are not too long; code, tables and headings stay."""
    if max(map(len, text.split("\n"))) <= MAX_LINE:
        return text
    return "\n".join(_lines(text))


def _lines(text: str) -> Iterator[str]:
    for line, fenced in fenced_lines(text):
        bare = line.lstrip(" >")
        if fenced or len(line) <= MAX_LINE or bare.startswith(("|", "#", "<!--")):
            yield line
        else:
            yield from _broken(line)


def _broken(line: str) -> Iterator[str]:
    prefix = _PREFIX.match(line)
    quote, indent = (prefix["quote"], prefix["indent"]) if prefix else ("", "")
    below = quote + indent + ("    " if prefix and prefix["marker"] else "")
    start, last = 0, None
    for match in _BREAK.finditer(line, prefix.end() if prefix else 0):
        if match.start() - start > _WIDTH and last is not None:
            yield (below if start else "") + line[start : last.start()]
            start = last.end()
        last = match
    yield (below if start else "") + line[start:]
