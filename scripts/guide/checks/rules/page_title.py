"""A page has one title, and heading and front matter agree on it."""

from __future__ import annotations

from collections.abc import Iterator

from guide.checks.finding import Finding
from guide.checks.rule import PageRule
from guide.library import Page
from guide.library.page import PageReader


def check(page: Page, reader: PageReader) -> Iterator[Finding]:
    """Report pages without a first-level heading, with several, or with another title."""
    titles = [section for section in page.sections if section.level == 1]
    if not titles:
        message, hint = "the page has no `# Title`", "repeat the title of the front matter there"
        yield Finding(page.file, page.body_line, 1, RULE.id, message, hint)
        return
    if titles[0] is not page.sections[0]:
        message = f"`{page.sections[0].title}` comes before the title"
        hint = "start the page with its title"
        yield Finding(page.file, page.sections[0].line, 1, RULE.id, message, hint)
    for extra in titles[1:]:
        message = f"a second title: `{extra.title}`"
        yield Finding(page.file, extra.line, 1, RULE.id, message, "use `##`")
    if page.meta is not None and titles[0].title != page.meta.title:
        message = f"the heading `{titles[0].title}` differs from the title `{page.meta.title}`"
        yield Finding(page.file, titles[0].line, 1, RULE.id, message, "make them the same")


RULE = PageRule("page-title", "has one title, the same in heading and front matter", check)
