"""A page says something: navigation and a heading alone help nobody."""

from __future__ import annotations

from collections.abc import Iterator

from selectolax.lexbor import LexborNode

from guide.checks.built.page import BuiltPage
from guide.checks.built.place import line_of
from guide.checks.built.rule import BuiltPageRule
from guide.checks.finding import Finding

FEWEST_WORDS = 15
"""A sentence or two: what the page is for, and where to go on."""
_NOT_CONTENT = frozenset("h1 h2 h3 h4 h5 h6 script style template".split())


def check(page: BuiltPage) -> Iterator[Finding]:
    """Report pages whose main content has hardly a word outside headings."""
    if not page.is_content:
        return
    main = page.main
    words = len(_text(main).split()) if main else 0
    if words < FEWEST_WORDS:
        yield Finding(
            f"site/{page.path}",
            line_of(page, main) if main else 1,
            1,
            RULE.id,
            f"the page holds {words} words outside its headings, fewer than {FEWEST_WORDS}"
            if main
            else "the page has no main content: no `main` and no `article`",
            "write it, or take it out of the navigation",
        )


def _text(node: LexborNode) -> str:
    if node.is_text_node:
        return node.text_content or ""
    if node.tag in _NOT_CONTENT:
        return ""
    return " ".join(_text(child) for child in node.iter(include_text=True))


RULE = BuiltPageRule("empty-page", "has content", check)
