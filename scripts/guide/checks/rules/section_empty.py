"""A heading announces something: a section without content is a promise broken."""

from __future__ import annotations

import re
from collections.abc import Iterator

from guide.checks.finding import Finding
from guide.checks.rule import PageRule
from guide.library import Page
from guide.library.page import PageReader

_SUPPRESSION = re.compile(r"[ \t]*<!-- allow [^<>]*-->[ \t]*")


def check(page: Page, reader: PageReader) -> Iterator[Finding]:
    """Report headings that nothing follows but a heading of their level or above, or the end."""
    lines = page.source.split("\n")
    for section in page.sections:
        after = lines[section.line : section.end_line]
        first = next((line for line in after if _is_said(line)), "")
        if not first and section.level > 1:
            message = f"nothing stands under `{section.title}`"
            yield Finding(
                page.file, section.line, 1, RULE.id, message, "write the section or remove it"
            )


def _is_said(line: str) -> bool:
    """Whether readers see a line: not the rule under a heading, no suppression."""
    return bool(line.strip("=- \t")) and not _SUPPRESSION.fullmatch(line)


RULE = PageRule("section-empty", "has something under each heading", check)
