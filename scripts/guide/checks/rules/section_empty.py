"""A heading announces something: a section without content is a promise broken."""

from __future__ import annotations

from collections.abc import Iterator

from guide.checks.finding import Finding
from guide.checks.rule import PageRule
from guide.library import Page
from guide.library.page import PageReader


def check(page: Page, reader: PageReader) -> Iterator[Finding]:
    """Report headings that nothing follows but a heading of their level or above, or the end."""
    lines = page.source.split("\n")
    for section in page.sections:
        after = lines[section.line : section.end_line]
        first = next((line for line in after if line.strip("=- \t")), "")
        if not first and section.level > 1:
            message = f"nothing stands under `{section.title}`"
            yield Finding(
                page.file, section.line, 1, RULE.id, message, "write the section or remove it"
            )


RULE = PageRule("section-empty", "has something under each heading", check)
