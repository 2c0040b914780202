"""A topic page has one title, a lead and the sections of the house anatomy in order."""

from __future__ import annotations

from collections.abc import Iterator

from guide.checks.finding import Finding
from guide.checks.rule import Rule
from guide.library import Library, Page, did_you_mean

SECTIONS = (
    "The problem",
    "How it works",
    "In code",
    "Trade-offs",
    "Pitfalls",
    "Interview questions",
    "Check yourself",
    "Further reading",
)
OPTIONAL = frozenset({"In code"})


def check(library: Library) -> Iterator[Finding]:
    """Report titles, leads, sections and heading levels that differ from the anatomy."""
    for page in library.written_pages:
        yield from _title(page)
        yield from _levels(page)
        if page.kind == "topic":
            yield from _sections(page)
            if page.sections and not page.lead:
                yield _finding(
                    page,
                    page.sections[0].line,
                    "there is no lead under the title",
                    "write the 30-second answer there, two to four sentences",
                )


def _title(page: Page) -> Iterator[Finding]:
    titles = [section for section in page.sections if section.level == 1]
    if not titles:
        yield _finding(page, page.body_line, "the page has no `# Title`", "repeat the title there")
        return
    for extra in titles[1:]:
        yield _finding(page, extra.line, f"a second title: `{extra.title}`", "use `##`")
    if page.meta is not None and titles[0].title != page.meta.title:
        yield _finding(
            page,
            titles[0].line,
            f"the heading `{titles[0].title}` differs from the title `{page.meta.title}`",
            "make them the same",
        )


def _levels(page: Page) -> Iterator[Finding]:
    previous = 0
    for section in page.sections:
        if section.level > previous + 1 and previous:
            yield _finding(
                page,
                section.line,
                f"`{section.title}` jumps from level {previous} to {section.level}",
                f"use {'#' * (previous + 1)}",
            )
        previous = section.level


def _sections(page: Page) -> Iterator[Finding]:
    found = [section for section in page.sections if section.level == 2]
    titles = [section.title for section in found]
    for section in found:
        if section.title not in SECTIONS:
            yield _finding(
                page,
                section.line,
                f"`{section.title}` is no section of a topic page",
                did_you_mean(section.title, SECTIONS) or f"sections: {', '.join(SECTIONS)}",
            )
    for title in SECTIONS:
        if title not in titles and title not in OPTIONAL:
            yield _finding(
                page,
                page.body_line,
                f"the section `## {title}` is missing",
                "see about/contributing",
            )
    known = [title for title in titles if title in SECTIONS]
    if known != sorted(known, key=SECTIONS.index) or len(set(known)) != len(known):
        yield _finding(
            page,
            found[0].line,
            f"the sections come as {', '.join(known)}",
            f"each once, in this order: {', '.join(SECTIONS)}",
        )


def _finding(page: Page, line: int, message: str, hint: str) -> Finding:
    return Finding(page.file, line, 1, RULE.id, message, hint)


RULE = Rule("anatomy", "follows the anatomy of a page", check)
