"""A heading is marks, a space and words: so every Markdown renderer sees it, not only ours."""

from __future__ import annotations

import re
from collections.abc import Iterator

from guide.checks.finding import Edit, Finding
from guide.checks.rule import PageRule
from guide.library import Page
from guide.library.page import PageReader

_MARKS = re.compile(r"^(?P<marks>#+)(?P<space>[ \t]*)(?P<text>.*)$")
_ID_ONLY = re.compile(r"\{[^{}]*\}\s*")


def check(page: Page, reader: PageReader) -> Iterator[Finding]:
    """Report headings with too many marks, without words or without the space, which is added."""
    for number, line in enumerate(page.text.split("\n"), page.body_line):
        match = _MARKS.match(line)
        if match is None:
            continue
        column = len(match["marks"]) + 1
        fix: tuple[Edit, ...] = ()
        if column > 7:
            message, hint = "a heading has at most six levels", "use fewer marks"
        elif not match["text"].strip() or _ID_ONLY.fullmatch(match["text"]):
            message, hint = "this heading has no words", "write them, or remove the marks"
        elif not match["space"]:
            message, hint = "no space after the heading's marks", "most renderers want one"
            fix = (Edit(number, column, number, column, " "),)
        else:
            continue
        yield Finding(page.file, number, 1, RULE.id, message, hint, fix=fix)


RULE = PageRule("heading-form", "has headings that every renderer takes for one", check)
