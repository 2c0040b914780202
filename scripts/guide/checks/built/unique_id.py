"""No id occurs twice on a page: links, labels and diagrams rely on it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from guide.checks.built.rule import BuiltRule
from guide.checks.built.site import BuiltSite
from guide.checks.finding import Finding


def check(site: BuiltSite) -> Iterator[Finding]:
    """Report repeated ids."""
    for page in site.pages.values():
        for name, number in Counter(page.ids).items():
            if number > 1:
                second = page.html.find(f'id="{name}"', page.html.find(f'id="{name}"') + 1)
                yield Finding(
                    f"site/{page.path}",
                    page.html.count("\n", 0, max(second, 0)) + 1,
                    1,
                    RULE.id,
                    f"the id `{name}` occurs {number} times",
                    "give headings explicit ids: `{ #id }`",
                )


RULE = BuiltRule("unique-id", "uses each id once", check)
