"""A draft stands where it can become a page: in docs/intake/ or in the folder of an area."""

from __future__ import annotations

from collections.abc import Iterator

from guide.checks.finding import Finding
from guide.checks.rule import LibraryRule
from guide.library import Library, Page
from guide.library.page import DRAFTS


def check(library: Library) -> Iterator[Finding]:
    """Report drafts in other places, and pages of docs/intake/ that do not say they are drafts."""
    for page in library.drafts:
        if not _is_intake(page) and library.curriculum.area(page.area) is None:
            message = f"a draft belongs in docs/{DRAFTS}/ or in the folder of an area"
            hint = "move it there, or remove `draft: true`"
            yield Finding(page.file, page.head_line("draft"), 1, RULE.id, message, hint)
        elif page.meta is not None and not page.meta.draft:
            message = f"a page in docs/{DRAFTS}/ is a draft"
            hint = "add `draft: true`, or move it to its area"
            yield Finding(page.file, 1, 1, RULE.id, message, hint)


def _is_intake(page: Page) -> bool:
    return page.path.partition("/")[0] == DRAFTS


RULE = LibraryRule("draft-place", "is a draft only in docs/intake/ or in an area", check)
