"""Every internal link and resource of the built site exists in it."""

from __future__ import annotations

from collections.abc import Iterator

from guide.checks.built.rule import BuiltRule
from guide.checks.built.site import BuiltSite
from guide.checks.finding import Finding
from guide.library import did_you_mean


def check(site: BuiltSite) -> Iterator[Finding]:
    """Report references to files that the site does not have."""
    for path, references in site.origins():
        for reference in references:
            target = reference.target
            if target is None or target[0] in site.files or not reference.url:
                continue
            yield Finding(
                f"site/{path}",
                reference.line,
                1,
                RULE.id,
                f"`{reference.url}` leads to {target[0]}, which is not in the site",
                did_you_mean(target[0], site.files),
            )


RULE = BuiltRule("built-target", "links only to files of the site", check)
