"""Every `#anchor` exists on the page it points to."""

from __future__ import annotations

from collections.abc import Iterator

from guide.checks.finding import Finding
from guide.checks.rule import LibraryRule
from guide.checks.targets import internal
from guide.library import Library, did_you_mean


def check(library: Library) -> Iterator[Finding]:
    """Report anchors that are not on the target page."""
    moved = {redirect.old for redirect in library.redirects}
    for page in library.pages.values():
        for link in page.links:
            target = internal(page, link.target)
            if target is None or not target.anchor or target.path not in library.pages:
                continue
            ids = library.pages[target.path].ids
            if target.anchor not in ids and f"{target.path}#{target.anchor}" not in moved:
                where = "this page" if target.path == page.path else f"docs/{target.path}"
                yield Finding(
                    page.file,
                    link.line,
                    link.column,
                    RULE.id,
                    f"`{link.target}`: there is no `#{target.anchor}` on {where}",
                    did_you_mean(target.anchor, ids) or "headings and `{ #id }` make anchors",
                )


RULE = LibraryRule("link-anchor", "links only to anchors that exist", check)
