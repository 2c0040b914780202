"""No id occurs twice on a page: links, labels and diagrams rely on it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from guide.checks.built.page import BuiltPage
from guide.checks.built.rule import BuiltPageRule
from guide.checks.finding import Finding


def check(page: BuiltPage) -> Iterator[Finding]:
    """Report repeated ids."""
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


RULE = BuiltPageRule("unique-id", "uses each id once", check)
