"""A topic page has enough check-yourself items to notice a gap, and few enough to be done."""

from __future__ import annotations

from collections.abc import Iterator

from guide.checks.finding import Finding
from guide.checks.rule import PageRule
from guide.library import Page
from guide.library.page import PageReader
from guide.library.questions import QUIZ_HEADING

MIN_ITEMS, MAX_ITEMS = 2, 4


def check(page: Page, reader: PageReader) -> Iterator[Finding]:
    """Report pages with too few or too many items."""
    if page.kind not in ("topic", "draft") or MIN_ITEMS <= len(page.quiz) <= MAX_ITEMS:
        return
    places = (section.line for section in page.sections if section.title == QUIZ_HEADING)
    line = next(places, page.body_line)
    message = f"{len(page.quiz)} check-yourself items"
    hint = f"a page has {MIN_ITEMS} to {MAX_ITEMS} of them"
    yield Finding(page.file, line, 1, RULE.id, message, hint)


RULE = PageRule("quiz-count", "has two to four check-yourself items", check, strict_on_drafts=False)
