"""Every `#anchor` of the built site is an id on the page it leads to."""

from __future__ import annotations

from collections.abc import Iterator

from guide.checks.built.rule import BuiltRule
from guide.checks.built.site import BuiltSite
from guide.checks.finding import Finding
from guide.library import did_you_mean


def check(site: BuiltSite) -> Iterator[Finding]:
    """Report anchors without an element."""
    ids = {path: frozenset(page.ids) for path, page in site.pages.items()}
    for page in site.pages.values():
        for reference in page.references:
            target = reference.target
            if target is None or not target[1] or target[0] not in ids:
                continue
            if target[1] not in ids[target[0]]:
                yield Finding(
                    f"site/{page.path}",
                    reference.line,
                    1,
                    RULE.id,
                    f"`{reference.url}`: {target[0]} has no element with the id `{target[1]}`",
                    did_you_mean(target[1], ids[target[0]]),
                )


RULE = BuiltRule("built-anchor", "links only to anchors that are there", check)
