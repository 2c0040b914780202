"""Reference links name a definition, and each definition is named."""

from __future__ import annotations

import re
from collections.abc import Iterator

from guide.checks.finding import Finding
from guide.checks.rule import PageRule
from guide.library import Page, did_you_mean
from guide.library.page import PageReader

_REFERENCE = re.compile(r"(?<![\w\]\\])!?\[(?P<text>[^\[\]\n]+)\] ?\[(?P<label>[^\[\]\n]*)\](?!\()")


def check(page: Page, reader: PageReader) -> Iterator[Finding]:
    """Report references to nothing, and definitions that are unused or given twice."""
    known: dict[str, int] = {}
    for definition in page.definitions:
        label = _key(definition.label)
        place = (page.file, definition.line, definition.column, RULE.id)
        if label in known:
            message = f"`[{definition.label}]` is defined twice, first on line {known[label]}"
            yield Finding(*place, message, "keep one")
        elif not definition.used:
            message = f"no link uses the definition `[{definition.label}]`"
            yield Finding(*place, message, "remove it, or link to it")
        known.setdefault(label, definition.line)
    for number, line in enumerate(page.prose.split("\n"), page.body_line):
        for match in _REFERENCE.finditer(line):
            label = match["label"] or match["text"]
            if _key(label) not in known:
                message = f"`[{label}]` is not defined on this page"
                hint = did_you_mean(label, known) or f"add `[{label}]: address`"
                yield Finding(page.file, number, match.start() + 1, RULE.id, message, hint)


def _key(label: str) -> str:
    return " ".join(label.lower().split())


RULE = PageRule("link-reference", "defines each reference once and uses it", check)
