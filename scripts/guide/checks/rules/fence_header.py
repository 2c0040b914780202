"""A fence header that SuperFences cannot parse becomes inline code and swallows what follows."""

from __future__ import annotations

from collections.abc import Iterator

from guide.checks.finding import Finding
from guide.checks.rule import PageRule
from guide.library import Page
from guide.library.page import PageReader


def check(page: Page, reader: PageReader) -> Iterator[Finding]:
    """Report lines that open a fence with a header the renderer refuses."""
    for stray in page.strays:
        if stray.kind == "header":
            yield Finding(
                page.file,
                stray.line,
                stray.column,
                RULE.id,
                f"this fence header cannot be parsed: {stray.text}",
                'write it as ``` { .python title="example.py" hl_lines="2 3" }: '
                "option values need quotes",
            )


RULE = PageRule("fence-header", "has only fence headers that the renderer understands", check)
