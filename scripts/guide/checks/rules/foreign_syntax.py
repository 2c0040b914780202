"""Markup of other Markdown flavors is published as text: the guide has one way for each thing."""

from __future__ import annotations

import re
from collections.abc import Iterator

from guide.checks.finding import Finding
from guide.checks.rule import PageRule
from guide.library import Page
from guide.library.page import PageReader

_FOREIGN = (
    (r"^\s*!!!+[ \t]*\w*", "an admonition", "write `/// note | Title` and end it with `///`"),
    (r"^\s*\?\?\?\+?(?:[ \t]|$)", "a collapsible block", "write `/// details | Title`"),
    (r"^\s*===[!+]?[ \t]*[\"']", "a tab", "write `/// tab | Label` and end it with `///`"),
    (r"^\s*:::+", "a container", "write `/// note | Title`"),
    (r"^\s*>\s*\[!\w+\]", "an alert", "write `/// note | Title`"),
    (r"\{%.*?%\}|\{\{.*?\}\}", "a template", "write what it stands for"),
    (r"\[\[[^\[\]]+\]\]", "a wiki link", "write `[text](page.md)`"),
    (r"\[\^[\w-]+\]", "a footnote", "say it in the sentence, or under Further reading"),
    (r"~~\S.*?\S~~", "struck-through text", "remove what is no longer true"),
    (r"(?<![=\w])==\w[^=]*\w==(?!=)", "highlighted text", "use emphasis"),
    (r"\$\$.+?\$\$", "a formula", "write it as inline code"),
    (r"(?<![\w:/]):[a-z][a-z0-9_+-]+:(?![\w:/])", "an emoji shortcode", "write words"),
)
_PATTERNS = tuple((re.compile(pattern), name, hint) for pattern, name, hint in _FOREIGN)


def check(page: Page, reader: PageReader) -> Iterator[Finding]:
    """Report markup that this guide's renderer does not know."""
    for number, line in enumerate(page.prose.split("\n"), page.body_line):
        for pattern, name, hint in _PATTERNS:
            match = pattern.search(line)
            if match:
                column = match.start() + 1
                message = f"`{match[0].strip()}` looks like {name}, which is published as text"
                yield Finding(page.file, number, column, RULE.id, message, hint)


RULE = PageRule("foreign-syntax", "uses only markup that this guide renders", check)
