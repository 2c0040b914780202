"""The text of a link says where it leads, also to those who hear it out of context."""

from __future__ import annotations

import re
from collections.abc import Iterator

from guide.checks.finding import Finding
from guide.checks.rule import PageRule
from guide.library import Page
from guide.library.page import PageReader

_EMPTY = frozenset(
    """
    click|click here|click this|here|right here|this|this link|this page|this article|link|links
    |more|read more|learn more|see more|see here|more info|details|page|website|url|source|go
    """.replace("\n", "")
    .replace("    ", "")
    .split("|")
)
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+$")


def check(page: Page, reader: PageReader) -> Iterator[Finding]:
    """Report links without text, or with text that says nothing."""
    for link in page.links:
        if link.kind not in ("inline", "reference"):
            continue
        text = " ".join(re.sub(r"[*_`]", " ", link.text).split())
        if not text:
            message, hint = f"the link to `{link.target}` has no text", "name what it leads to"
        elif text.lower().strip(" .!:>»→") in _EMPTY:
            message = f"`{text}` does not say where the link leads"
            hint = "make the words that name the target the link"
        elif _ADDRESS.match(text):
            message, hint = f"the text of this link is an address: {text}", "name the page instead"
        else:
            continue
        yield Finding(page.file, link.line, link.column, RULE.id, message, hint)


RULE = PageRule("link-text", "says in each link's text where it leads", check)
