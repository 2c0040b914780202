"""Front matter is plain text: it becomes titles, cards and previews, where markup shows."""

from __future__ import annotations

import re
from collections.abc import Iterator

from guide.checks.finding import Finding
from guide.checks.rule import PageRule
from guide.library import Page
from guide.library.page import PageReader

_MARKUP = re.compile(r"\]\(|\]\[|https?://|www\.|\*\*|<[a-zA-Z/]|\{\s*[#.:]|--8<--")


def check(page: Page, reader: PageReader) -> Iterator[Finding]:
    """Report links, emphasis and HTML in titles, descriptions and aliases."""
    if page.meta is None:
        return
    fields = {"title": [page.meta.title], "description": [page.meta.description]}
    fields["aliases"] = list(page.study.aliases) if page.study else []
    for key, values in fields.items():
        for value in values:
            match = _MARKUP.search(value)
            if match:
                message = f"`{key}` is plain text, but says `{match[0].strip()}`"
                hint = "put links and markup into the body"
                yield Finding(page.file, page.head_line(key), 1, RULE.id, message, hint)


RULE = PageRule("front-matter-text", "has plain text in its front matter", check)
