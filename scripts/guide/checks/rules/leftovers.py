"""What an author meant to come back to: reminders, filler text, conflict markers."""

from __future__ import annotations

import re
from collections.abc import Iterator

from guide.checks.finding import Finding, Severity
from guide.checks.rule import PageRule
from guide.library import Page
from guide.library.page import PageReader

_CONFLICT = re.compile(r"^(?:<{7} |>{7} |\|{7} |={7}$|<{7}$|>{7}$)")
_REMINDER = re.compile(r"(?<![\w-])(?:TODO|FIXME|XXX|TBD|TBC|WIP|HACK)(?![\w-])")
_FILLER = re.compile(
    r"\blorem ipsum\b|\bdolor sit amet\b|\bplaceholder text\b|\[citation needed\]"
    r"|\bcoming soon\b|\b(?:insert|add) (?:\w+ ){1,2}here\b|\bfoo bar baz\b|\basdf\w*\b",
    re.IGNORECASE,
)
_UNWRITTEN = re.compile(r"^(?:\S+ ){0,4}To be written\b|\bto be written$")


def check(page: Page, reader: PageReader) -> Iterator[Finding]:
    """Report leftovers in text and code; text that is still to be written is a note."""
    fenced = {number for fence in page.fences for number in range(fence.line, fence.end_line + 1)}
    lines = page.source.split("\n")
    prose = [""] * (page.body_line - 1) + page.prose.split("\n")
    conflict = any(line.startswith(("<<<<<<< ", ">>>>>>> ")) for line in lines)
    for number, (line, words) in enumerate(zip(lines, prose, strict=True), start=1):
        text = line if number in fenced or number < page.body_line else words
        if conflict and _CONFLICT.match(line):
            hint = "decide which side stays, then remove the marker"
            yield _finding(page, number, 1, f"a conflict marker: {line.strip()}", hint)
            continue
        for pattern in (_REMINDER, _FILLER):
            match = pattern.search(text)
            if match:
                message = f"`{match[0]}` was left in the page"
                yield _finding(page, number, match.start() + 1, message, "do it, or remove it")
        if _UNWRITTEN.search(words):
            hint = "write it before the page is published"
            yield _finding(page, number, 1, "this is still to be written", hint, "note")
    for fence in page.fences:
        match = _REMINDER.search(fence.code) if fence.included_from else None
        if match:
            message = f"`{match[0]}` was left in {fence.included_from}"
            yield _finding(page, fence.code_line, fence.column, message, "readers copy it")


def _finding(
    page: Page, line: int, column: int, message: str, hint: str, severity: Severity = "error"
) -> Finding:
    return Finding(page.file, line, column, RULE.id, message, hint, severity)


RULE = PageRule("leftovers", "has no reminders, filler or conflict markers left", check)
