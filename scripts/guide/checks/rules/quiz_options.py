"""Check-yourself items have right and wrong options, each with its reason."""

from __future__ import annotations

from collections.abc import Iterator

from guide.checks.finding import Finding
from guide.checks.rule import Rule
from guide.library import Library

MIN_ITEMS, MAX_ITEMS = 2, 4


def check(library: Library) -> Iterator[Finding]:
    """Report pages with too few or many items and items a reader cannot learn from."""
    for page in library.topic_pages:
        if not MIN_ITEMS <= len(page.quiz) <= MAX_ITEMS:
            yield Finding(
                page.file,
                page.body_line,
                1,
                RULE.id,
                f"{len(page.quiz)} check-yourself items",
                f"a page has {MIN_ITEMS} to {MAX_ITEMS} of them",
            )
        for item in page.quiz:
            rights = sum(option.correct for option in item.options)
            if not rights or rights == len(item.options):
                missing = "right" if not rights else "wrong"
                yield Finding(
                    page.file,
                    item.line,
                    1,
                    RULE.id,
                    f"`{item.text}` has no {missing} option",
                    "mark right options `- [x]` and wrong ones `- [ ]`",
                )
            for option in item.options:
                if not option.reason:
                    yield Finding(
                        page.file,
                        option.line,
                        1,
                        RULE.id,
                        "this option gives no reason",
                        "say under it why it is right or which misconception it names",
                    )


RULE = Rule(
    "quiz-options", "gives check-yourself items right and wrong options with reasons", check
)
