"""Each id stands once on its page; headings with the same text need ids of their own."""

from __future__ import annotations

import re
from collections.abc import Iterator

from guide.checks.finding import Finding
from guide.checks.rule import PageRule
from guide.library import Page
from guide.library.headings import id_places
from guide.library.page import PageReader

_NUMBERED = re.compile(r"(?P<base>.+)_\d+")


def check(page: Page, reader: PageReader) -> Iterator[Finding]:
    """Report ids given twice, and ids that only a counter tells apart."""
    ids = {section.id for section in page.sections}
    given = list(id_places(page.prose, page.body_line))
    given += [(each.id, each.line) for each in page.sections if not each.explicit]
    first: dict[str, int] = {}
    for name, line in sorted(given, key=lambda place: place[1]):
        if name in first:
            message = f"the id `{name}` is taken on this page by line {first[name]}"
            hint = "make it specific: links find only the first"
            yield Finding(page.file, line, 1, RULE.id, message, hint)
        first.setdefault(name, line)
    for section in page.sections:
        numbered = _NUMBERED.fullmatch(section.id)
        if numbered and not section.explicit and numbered["base"] in ids:
            message = f"a second heading `{section.title}` on this page gets the id `{section.id}`"
            hint = "reword it, or end it with an id of its own: `{ #id }`"
            yield Finding(page.file, section.line, 1, RULE.id, message, hint)


RULE = PageRule("heading-unique", "uses each id once, and no heading twice", check)
