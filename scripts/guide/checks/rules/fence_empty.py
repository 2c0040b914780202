"""A fence without code is a mistake: it renders as an empty gray box."""

from __future__ import annotations

from collections.abc import Iterator

from guide.checks.finding import Finding
from guide.checks.rule import PageRule
from guide.library import Page
from guide.library.page import PageReader


def check(page: Page, reader: PageReader) -> Iterator[Finding]:
    """Report fences that hold nothing; an include that fails is reported as such."""
    for fence in page.fences:
        if not fence.code.strip() and not fence.included_from:
            yield Finding(
                page.file,
                fence.line,
                fence.column,
                RULE.id,
                "this fence is empty",
                "write the code, or remove the fence",
            )


RULE = PageRule("fence-empty", "has code in every fence", check)
