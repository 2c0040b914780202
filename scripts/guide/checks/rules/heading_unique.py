"""Each id stands once on its page; headings with the same text need ids of their own."""

from __future__ import annotations

import re
from collections.abc import Iterator

from guide.checks.finding import Finding
from guide.checks.rule import PageRule
from guide.library import Page
from guide.library.headings import Section, id_places
from guide.library.page import PageReader

_NUMBERED = re.compile(r"(?P<base>.+)_\d+")


def check(page: Page, reader: PageReader) -> Iterator[Finding]:
    """Report ids given twice, and ids that only a counter tells apart."""
    given = list(id_places(page.prose, page.body_line))
    given += [(each.id, each.line) for each in page.sections if not each.explicit]
    first: dict[str, int] = {}
    for name, line in sorted(given, key=lambda place: place[1]):
        if name in first:
            message = f"the id `{name}` is taken on this page by line {first[name]}"
            hint = "make it specific: links find only the first"
            yield Finding(page.file, line, 1, RULE.id, message, hint)
        first.setdefault(name, line)
    yield from _texts(page)


def _texts(page: Page) -> Iterator[Finding]:
    """Headings whose text others have: beside them, or anywhere if a counter makes the id."""
    ids = {section.id for section in page.sections}
    beside: set[tuple[str, ...]] = set()
    trail: list[Section] = []
    for section in page.sections:
        trail = [each for each in trail if each.level < section.level]
        key = (*(each.id for each in trail), section.title)
        numbered = _NUMBERED.fullmatch(section.id)
        counted = numbered and not section.explicit and numbered["base"] in ids
        if counted or key in beside:
            message = f"a second heading `{section.title}`"
            if counted:
                message += f", which gets the id `{section.id}`"
            hint = "reword it: readers of the table of contents cannot tell them apart"
            yield Finding(page.file, section.line, 1, RULE.id, message, hint)
        beside.add(key)
        trail.append(section)


RULE = PageRule("heading-unique", "uses each id once, and no heading twice", check)
