"""Questions and check-yourself items carry explicit ids, unique across the whole guide."""

from __future__ import annotations

import re
from collections.abc import Iterator

from guide.checks.finding import Finding
from guide.checks.rule import LibraryRule
from guide.library import Library, Page
from guide.library.questions import Question, QuizItem

_KEBAB = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


def check(library: Library) -> Iterator[Finding]:
    """Report missing, malformed and repeated ids; cards and progress hang on them."""
    first_use: dict[str, tuple[Page, int]] = {}
    for page in library.study_pages:
        for item in page.items:
            yield from _of_item(page, item)
            if not item.explicit:
                continue
            if item.id in first_use:
                other, line = first_use[item.id]
                yield Finding(
                    page.file,
                    item.line,
                    1,
                    RULE.id,
                    f"the id `{item.id}` is taken by {other.file}:{line}",
                    f"make it specific, for example `{page.slug}-{item.id}`",
                )
            first_use.setdefault(item.id, (page, item.line))


def _of_item(page: Page, item: Question | QuizItem) -> Iterator[Finding]:
    if not item.explicit:
        yield Finding(
            page.file,
            item.line,
            1,
            RULE.id,
            f"`{item.text}` has no id of its own",
            f"end the heading with `{{ #{item.id} }}`, shortened; it can never change again",
        )
    elif not _KEBAB.fullmatch(item.id):
        yield Finding(
            page.file,
            item.line,
            1,
            RULE.id,
            f"the id `{item.id}` is not kebab-case",
            "lower-case letters, digits and single hyphens",
        )


RULE = LibraryRule("heading-ids", "gives each question a permanent id, unique in the guide", check)
