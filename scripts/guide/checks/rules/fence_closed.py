"""A fence that is never closed publishes the rest of the page as a paragraph."""

from __future__ import annotations

from collections.abc import Iterator

from guide.checks.finding import Finding
from guide.checks.rule import Rule
from guide.library import Library


def check(library: Library) -> Iterator[Finding]:
    """Report opening fences without an end, unless a bad header above explains them."""
    for page in library.pages.values():
        if any(stray.kind == "header" for stray in page.strays):
            continue
        for stray in page.strays:
            yield Finding(
                page.file,
                stray.line,
                stray.column,
                RULE.id,
                f"this fence is never closed: {stray.text}",
                "close it with the same character, the same number of times, at the same indent; "
                "every line between must be indented as much",
            )


RULE = Rule("fence-closed", "closes every fence it opens", check, needs_data=False)
