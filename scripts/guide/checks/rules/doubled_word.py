"""The same word twice in a row is a slip of the hand, and the eye passes over it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from guide.checks.finding import Finding
from guide.checks.rule import PageRule
from guide.library import Page
from guide.library.page import PageReader

_DOUBLED = re.compile(
    r"(?<![\w'/.-])(?P<word>[A-Za-z]{2,20}+)(?P<gap>[ \t]*\n?[ \t]*)(?P=word)(?![\w'/.-]*\w)"
)
_MAY_REPEAT = frozenset("had that very bye".split())


def check(page: Page, reader: PageReader) -> Iterator[Finding]:
    """Report words that follow themselves, also over a line end."""
    if page.kind == "generated":
        return
    for match in _DOUBLED.finditer(page.prose):
        if not match["gap"] or match["word"].lower() in _MAY_REPEAT:
            continue
        line = page.prose.count("\n", 0, match.start()) + page.body_line
        column = match.start() - page.prose.rfind("\n", 0, match.start())
        message = f"`{match['word']} {match['word']}`: the same word twice"
        yield Finding(page.file, line, column, RULE.id, message, "remove one")


RULE = PageRule("doubled-word", "says no word twice in a row", check)
