"""A review has happened: its date is not in the future."""

from __future__ import annotations

import datetime
from collections.abc import Iterator

from guide.checks.finding import Finding
from guide.checks.rule import LibraryRule
from guide.library import Library


def check(library: Library) -> Iterator[Finding]:
    """Report review dates later than tomorrow; somewhere on Earth tomorrow is today."""
    limit = datetime.date.today() + datetime.timedelta(days=1)
    for page in library.written_pages:
        reviewed = page.meta.reviewed if page.meta else None
        if reviewed is not None and reviewed > limit:
            message = f"reviewed on {reviewed}, which is in the future"
            hint = "write the day on which the page was checked against its sources"
            yield Finding(page.file, page.head_line("reviewed"), 1, RULE.id, message, hint)


RULE = LibraryRule("review-date", "was reviewed in the past", check, needs_data=False)
