"""What an author meant to come back to: reminders, filler text, conflict markers."""

from __future__ import annotations

import re
from collections.abc import Iterator

from guide.checks.finding import Finding, Severity
from guide.checks.rule import PageRule
from guide.languages import LANGUAGES, canonical
from guide.library import Page
from guide.library.fences import Fence
from guide.library.masking import mask_fences
from guide.library.page import PageReader

_CONFLICT = re.compile(r"^(?:<{7} |>{7} |\|{7} |={7}$|<{7}$|>{7}$)")
_REMINDER = re.compile(r"(?<![\w-])(?:TODO|FIXME|XXX|TBD|TBC|WIP|HACK)(?![\w-])")
_FILLER = re.compile(
    r"\blorem ipsum\b|\bdolor sit amet\b|\bplaceholder text\b|\[citation needed\]"
    r"|^(?:Certainly|Sure|Absolutely|Of course)!|\bas an AI (?:language )?model\b"
    r"|\bI hope this helps\b|\bhere is (?:a|the) (?:section|paragraph|page) (?:about|on)\b"
    r"|\bcoming soon\b|\b(?:insert|add) (?:\w+ ){1,2}here\b|\bfoo bar baz\b|\basdf\w*\b",
    re.IGNORECASE | re.MULTILINE,
)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_UNWRITTEN = re.compile(r"^(?:\S+ ){0,4}To be written\b|\bto be written$")


def check(page: Page, reader: PageReader) -> Iterator[Finding]:
    """Report leftovers in text and code; text that is still to be written is a note."""
    fenced = {
        number
        for fence in page.fences
        if not _is_free(fence)
        for number in range(fence.line, fence.end_line + 1)
    }
    yield from _comments(page)
    lines = page.source.split("\n")
    prose = [""] * (page.body_line - 1) + page.prose.split("\n")
    suspects = [pattern for pattern in (_REMINDER, _FILLER) if pattern.search(page.source)]
    conflict = any(line.startswith(("<<<<<<< ", ">>>>>>> ")) for line in lines)
    for number, (line, words) in enumerate(zip(lines, prose, strict=True), start=1):
        text = line if number in fenced or number < page.body_line else words
        if conflict and _CONFLICT.match(line):
            hint = "decide which side stays, then remove the marker"
            yield _finding(page, number, 1, f"a conflict marker: {line.strip()}", hint)
            continue
        for pattern in suspects:
            match = pattern.search(text)
            if match:
                message = f"`{match[0]}` was left in the page"
                yield _finding(page, number, match.start() + 1, message, "do it, or remove it")
        if _UNWRITTEN.search(words):
            hint = "write it before the page is published"
            yield _finding(page, number, 1, "this is still to be written", hint, "note")
    for fence in page.fences:
        match = None
        if fence.included_from and not _is_free(fence):
            match = _REMINDER.search(fence.code)
        if match:
            message = f"`{match[0]}` was left in {fence.included_from}"
            yield _finding(page, fence.code_line, fence.column, message, "readers copy it")


def _is_free(fence: Fence) -> bool:
    """Whether the fence holds plain text, which may show anything."""
    language = canonical(fence.language)
    return language is None or LANGUAGES[language].exempt


def _comments(page: Page) -> Iterator[Finding]:
    text = mask_fences(page.body, page.fences, page.body_line)
    for comment in _COMMENT.finditer(text):
        match = None if "allow " in comment[0] else _REMINDER.search(comment[0])
        if match:
            offset = comment.start() + match.start()
            line = text.count("\n", 0, offset) + page.body_line
            column = offset - text.rfind("\n", 0, offset)
            message = f"`{match[0]}` was left in a comment"
            yield _finding(page, line, column, message, "do it, or remove it")


def _finding(
    page: Page, line: int, column: int, message: str, hint: str, severity: Severity = "error"
) -> Finding:
    return Finding(page.file, line, column, RULE.id, message, hint, severity)


RULE = PageRule("leftovers", "has no reminders, filler or conflict markers left", check)
