"""Headings go down one level at a time: screen readers and the table of contents rely on it."""

from __future__ import annotations

from collections.abc import Iterator

from guide.checks.finding import Finding
from guide.checks.rule import PageRule
from guide.library import Page
from guide.library.page import PageReader


def check(page: Page, reader: PageReader) -> Iterator[Finding]:
    """Report headings that skip a level."""
    previous = 0
    for section in page.sections:
        if section.level > previous + 1 and previous:
            message = f"`{section.title}` jumps from level {previous} to {section.level}"
            hint = f"use {'#' * (previous + 1)}"
            yield Finding(page.file, section.line, 1, RULE.id, message, hint)
        previous = section.level


RULE = PageRule("heading-level", "goes down one heading level at a time", check)
