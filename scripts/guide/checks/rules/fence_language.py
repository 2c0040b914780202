"""Every fence names a language that the guide can highlight and verify."""

from __future__ import annotations

from collections.abc import Iterator

from guide.checks.finding import Finding
from guide.checks.rule import Rule
from guide.languages import LANGUAGES, canonical
from guide.library import Library, did_you_mean


def check(library: Library) -> Iterator[Finding]:
    """Report fences without a language, or with one that nobody can verify."""
    for page in library.pages.values():
        for fence in page.fences:
            if not fence.language:
                yield Finding(
                    page.file,
                    fence.line,
                    fence.column,
                    RULE.id,
                    "this fence names no language",
                    "write ```text if it is none",
                )
            elif canonical(fence.language) is None:
                yield Finding(
                    page.file,
                    fence.line,
                    fence.column,
                    RULE.id,
                    f"`{fence.language}` is no language that the guide can verify",
                    did_you_mean(fence.language, LANGUAGES) or f"known: {', '.join(LANGUAGES)}",
                )


RULE = Rule("fence-language", "names a known language on every fence", check, needs_data=False)
