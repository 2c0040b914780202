"""Every include finds its file and its section."""

from __future__ import annotations

from collections.abc import Iterator

from guide.checks.finding import Finding
from guide.checks.rule import LibraryRule
from guide.library import Library, did_you_mean


def check(library: Library) -> Iterator[Finding]:
    """Report includes whose file or section does not exist."""
    for page in library.pages.values():
        for include in page.includes:
            if include.found:
                continue
            if include.path in library.files:
                message = f"`{include.path}` has no section `{include.section}`"
                hint = f"mark it there with [start:{include.section}] and [end:{include.section}]"
            else:
                message = f"the included file `{include.path}` does not exist"
                hint = did_you_mean(include.path, library.files) or "paths start at docs/"
            yield Finding(page.file, include.line, include.column, RULE.id, message, hint)


RULE = LibraryRule(
    "snippet-path", "includes only files and sections that exist", check, needs_data=False
)
