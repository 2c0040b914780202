"""Tell lines of code from lines of prose, without a parser of Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterator

_FENCE = re.compile(r"[ >]*(`{3,}|~{3,})")


def fenced_lines(text: str) -> Iterator[tuple[str, bool]]:
    """Yield each line of Markdown, and whether a fence is open after it."""
    fence = ""
    for line in text.split("\n"):
        match = _FENCE.match(line)
        if match and (not fence or match[1].startswith(fence)):
            fence = "" if fence else match[1]
        yield line, bool(fence)
