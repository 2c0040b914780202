"""Every fence names a language that the guide can highlight and verify."""

from __future__ import annotations

from collections.abc import Iterator

from guide.checks.finding import Finding
from guide.checks.rule import PageRule
from guide.languages import LANGUAGES, canonical
from guide.library import Page, did_you_mean
from guide.library.page import PageReader


def check(page: Page, reader: PageReader) -> Iterator[Finding]:
    """Report fences without a language, or with one that nobody can verify."""
    for fence in page.fences:
        if not fence.language:
            message, hint = "this fence names no language", "write ```text if it is none"
        elif canonical(fence.language) is None:
            message = f"`{fence.language}` is no language that the guide can verify"
            hint = did_you_mean(fence.language, LANGUAGES) or f"known: {', '.join(LANGUAGES)}"
        else:
            continue
        yield Finding(page.file, fence.line, fence.column, RULE.id, message, hint)


RULE = PageRule("fence-language", "names a known language on every fence", check)
