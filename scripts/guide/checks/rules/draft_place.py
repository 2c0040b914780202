"""Drafts live under docs/intake/, where nothing is published; published pages are no drafts."""

from __future__ import annotations

from collections.abc import Iterator

from guide.checks.finding import Finding
from guide.checks.rule import LibraryRule
from guide.library import Library
from guide.library.page import DRAFTS
from guide.library.site_config import CONFIG_FILE


def check(library: Library) -> Iterator[Finding]:
    """Report drafts elsewhere, other pages among the drafts, and drafts in the navigation."""
    for page in library.written_pages:
        draft = page.meta is not None and page.meta.draft
        if draft and page.kind != "draft":
            message = f"a draft belongs under docs/{DRAFTS}/"
            hint = "move it there, or remove `draft: true`"
            yield Finding(page.file, page.head_line("draft"), 1, RULE.id, message, hint)
        elif page.kind == "draft" and page.meta is not None and not draft:
            message = f"a page under docs/{DRAFTS}/ is a draft"
            hint = "add `draft: true`, or move it to its area"
            yield Finding(page.file, 1, 1, RULE.id, message, hint)
    for entry in library.config.nav:
        named = library.pages.get(entry.path)
        if named is not None and named.kind == "draft":
            message = f"the navigation names the draft `{entry.path}`"
            hint = "drafts are not published"
            yield Finding(CONFIG_FILE, entry.line, entry.column, RULE.id, message, hint)


RULE = LibraryRule("draft-place", "is a draft only under docs/intake/", check, needs_data=False)
