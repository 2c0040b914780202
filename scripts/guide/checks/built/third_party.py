"""A page makes no request to anyone but the site itself."""

from __future__ import annotations

from collections.abc import Iterator

from guide.checks.built.rule import BuiltRule
from guide.checks.built.site import BuiltSite
from guide.checks.finding import Finding


def check(site: BuiltSite) -> Iterator[Finding]:
    """Report resources of pages, stylesheets and scripts that lie outside the site."""
    for path, references in site.origins():
        for reference in references:
            outside = reference.target is None
            if reference.kind == "resource" and outside and not reference.url.startswith("data:"):
                yield Finding(
                    f"site/{path}",
                    reference.line,
                    1,
                    RULE.id,
                    f"the browser would fetch `{reference.url}` from a third party",
                    "put the file into docs/assets/",
                )


RULE = BuiltRule("third-party", "requests nothing from a third party", check)
