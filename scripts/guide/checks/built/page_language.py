"""A page says which language it is in: screen readers choose their voice by it."""

from __future__ import annotations

from collections.abc import Iterator

from guide.checks.built.page import BuiltPage
from guide.checks.built.place import line_of
from guide.checks.built.rule import BuiltPageRule
from guide.checks.finding import Finding


def check(page: BuiltPage) -> Iterator[Finding]:
    """Report pages without a language."""
    root = page.tree.css_first("html")
    if not root or not (root.attributes.get("lang") or "").strip():
        yield Finding(
            f"site/{page.path}",
            line_of(page, root) if root else 1,
            1,
            RULE.id,
            "the page does not say which language it is in",
            'set `language` of the theme, or write `<html lang="en">`',
        )


RULE = BuiltPageRule("page-language", "names its language", check)
