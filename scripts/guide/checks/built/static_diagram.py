"""Diagrams are published as static SVG: no drawing script, no text waiting to be drawn."""

from __future__ import annotations

import re
from collections.abc import Iterator

from guide.checks.built.page import BuiltPage
from guide.checks.built.rule import BuiltPageRule
from guide.checks.finding import Finding

_LEFT_OVER = re.compile(
    r"<script[^>]*mermaid|<(?:pre|div|code)[^>]*class=\"[^\"]*\bmermaid\b|mermaid\.initialize"
    r"|<svg(?:(?!</svg>).)*?mermaid",
    re.IGNORECASE | re.DOTALL,
)


def check(page: BuiltPage) -> Iterator[Finding]:
    """Report diagrams that a script would have to draw."""
    for match in _LEFT_OVER.finditer(page.html):
        yield Finding(
            f"site/{page.path}",
            page.html.count("\n", 0, match.start()) + 1,
            1,
            RULE.id,
            "a diagram was left to a script in the browser",
            "draw it at build time: run `guide build`, not a preview",
        )


RULE = BuiltPageRule("static-diagram", "holds its diagrams as static SVG", check)
