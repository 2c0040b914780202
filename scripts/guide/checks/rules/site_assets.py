"""The style sheets and scripts that mkdocs.yml names are there."""

from __future__ import annotations

from collections.abc import Iterator

from guide.checks.finding import Finding
from guide.checks.rule import LibraryRule
from guide.checks.targets import scheme
from guide.library import Library, did_you_mean
from guide.library.site_config import CONFIG_FILE


def check(library: Library) -> Iterator[Finding]:
    """Report entries of extra_css and extra_javascript without a file in docs/."""
    for entry in library.config.assets:
        if scheme(entry.path):
            message, hint = f"`{entry.path}` is another site's file", "put a copy into docs/assets/"
        elif entry.path not in library.files:
            message = f"there is no docs/{entry.path}"
            hint = did_you_mean(entry.path, library.files) or "paths start at docs/"
        else:
            continue
        yield Finding(CONFIG_FILE, entry.line, entry.column, RULE.id, message, hint)


RULE = LibraryRule(
    "site-assets", "is shown with style sheets and scripts that exist", check, needs_data=False
)
