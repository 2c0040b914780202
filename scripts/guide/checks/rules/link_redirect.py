"""A link leads straight to its target, not through one of our own redirects."""

from __future__ import annotations

from collections.abc import Iterator

from guide.checks.finding import Finding
from guide.checks.link_edits import retarget
from guide.checks.rule import LibraryRule
from guide.checks.targets import internal, relative
from guide.library import Library


def check(library: Library) -> Iterator[Finding]:
    """Report links to addresses that moved; they can be fixed."""
    moved = {redirect.old: redirect.new for redirect in library.redirects}
    if not moved:
        return
    for page in library.pages.values():
        for link in page.links:
            target = internal(page, link.target)
            if target is None:
                continue
            address = f"{target.path}#{target.anchor}" if target.anchor else target.path
            new = moved.get(address) or moved.get(target.path)
            if new is None:
                continue
            path, mark, anchor = new.partition("#")
            here = path == page.path and mark
            right = f"{'' if here else relative(page, path)}{mark}{anchor}"
            yield Finding(
                page.file,
                link.line,
                link.column,
                RULE.id,
                f"`{link.target}` works through a redirect only",
                f"write `{right}`",
                fix=retarget(page, link, right),
            )


RULE = LibraryRule("link-redirect", "links to where things are, not to where they were", check)
