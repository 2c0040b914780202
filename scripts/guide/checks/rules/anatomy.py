"""A topic page has a lead and the sections of its anatomy in order."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

from guide.checks.finding import Finding
from guide.checks.rule import PageRule
from guide.library import Page, did_you_mean
from guide.library.anatomy import OPTIONAL, is_case, sections_of
from guide.library.headings import Section
from guide.library.page import PageReader


def check(page: Page, reader: PageReader) -> Iterator[Finding]:
    """Report leads and sections that differ from the anatomy."""
    if page.kind not in ("topic", "draft"):
        return
    yield from _sections(page)
    if page.sections and not page.lead:
        yield _finding(
            page,
            page.sections[0].line,
            "there is no lead under the title",
            "write the 30-second answer there, two to four sentences",
        )


def _sections(page: Page) -> Iterator[Finding]:
    found = [section for section in page.sections if section.level == 2]
    titles = [section.title for section in found]
    known = sections_of(page.slug)
    form = "worked case" if is_case(page.slug) else "topic page"
    for section in found:
        if section.title not in known:
            yield _finding(
                page,
                section.line,
                f"`{section.title}` is no section of a {form}",
                did_you_mean(section.title, known) or f"sections: {', '.join(known)}",
            )
    for title in known:
        if title not in titles and title not in OPTIONAL:
            yield _finding(
                page,
                _missing_line(page, found, title),
                f"the section `## {title}` is missing",
                "see about/contributing",
            )
    yield from _order(page, [section for section in found if section.title in known])


def _missing_line(page: Page, found: Sequence[Section], title: str) -> int:
    """The line before which the section belongs: that of the next one that is there."""
    known = sections_of(page.slug)
    if title == known[0] and page.sections:
        return _after_lead(page)
    later = known[known.index(title) + 1 :]
    places = (section.line for section in found if section.title in later)
    return next(places, page.sections[-1].end_line if page.sections else page.body_line)


def _after_lead(page: Page) -> int:
    """The line after the lead's paragraph."""
    lines = page.source.split("\n")
    number = page.sections[0].line + 1
    while number < len(lines) and not lines[number - 1].strip():
        number += 1
    while number < len(lines) and lines[number - 1].strip():
        number += 1
    return number


def _order(page: Page, found: Sequence[Section]) -> Iterator[Finding]:
    known = sections_of(page.slug)
    for before, after in itertools.pairwise(found):
        if known.index(after.title) <= known.index(before.title):
            same = after.title == before.title
            message = f"`{after.title}` comes " + ("twice" if same else f"after `{before.title}`")
            hint = f"each once, in this order: {', '.join(known)}"
            yield _finding(page, after.line, message, hint)


def _finding(page: Page, line: int, message: str, hint: str) -> Finding:
    return Finding(page.file, line, 1, RULE.id, message, hint)


RULE = PageRule("anatomy", "follows the anatomy of a topic page", check, strict_on_drafts=False)
