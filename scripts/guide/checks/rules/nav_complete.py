"""The navigation names every page, and only pages that exist."""

from __future__ import annotations

from collections.abc import Iterator

from guide.checks.finding import Finding
from guide.checks.rule import LibraryRule
from guide.checks.targets import scheme
from guide.library import Library, did_you_mean
from guide.library.site_config import CONFIG_FILE


def check(library: Library) -> Iterator[Finding]:
    """Report pages without a place in the navigation, and places without a page."""
    named: dict[str, int] = {}
    for entry in library.config.nav:
        if scheme(entry.path):
            continue
        if entry.path not in library.pages:
            yield Finding(
                CONFIG_FILE,
                entry.line,
                entry.column,
                RULE.id,
                f"the navigation names `{entry.path}`, which does not exist",
                did_you_mean(entry.path, library.pages) or "remove the entry or write the page",
            )
        elif entry.path in named:
            yield Finding(
                CONFIG_FILE,
                entry.line,
                entry.column,
                RULE.id,
                f"`{entry.path}` already stands in line {named[entry.path]}",
                "a page has one place in the navigation",
            )
        named.setdefault(entry.path, entry.line)
    for page in library.pages.values():
        if page.path not in named and page.is_published:
            yield Finding(
                page.file,
                1,
                1,
                RULE.id,
                "the page is not in the navigation",
                f"add `{page.path}` to `nav` in {CONFIG_FILE}",
            )


RULE = LibraryRule("nav-complete", "has its one place in the navigation", check)
