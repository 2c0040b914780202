"""Tags come from the closed list in docs/tags.yml."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from guide.checks.finding import Finding
from guide.checks.rule import LibraryRule
from guide.library import Library, did_you_mean

FILE = "docs/tags.yml"
MIN_USES = 2


def check(library: Library) -> Iterator[Finding]:
    """Report tags that the list does not have, and, once every topic is written, lonely ones."""
    known = {tag.id for tag in library.tags}
    used: Counter[str] = Counter()
    for page in library.study_pages:
        for tag in page.study.tags if page.study else ():
            used[tag] += page.is_published
            if tag not in known:
                message = f"unknown tag `{tag}`"
                hint = did_you_mean(tag, known) or "choose one of docs/tags.yml, or add it there"
                yield Finding(page.file, page.head_line("tags"), 1, RULE.id, message, hint)
    if all(library.page_of(topic.slug) for topic in library.curriculum.topics):
        for index, each in enumerate(library.tags):
            if used[each.id] < MIN_USES:
                line, column = library.place(FILE, index)
                message = f"the tag `{each.id}` is on {used[each.id]} of all pages"
                hint = f"a tag joins at least {MIN_USES} pages: use it, or remove it"
                yield Finding(FILE, line, column, RULE.id, message, hint)


RULE = LibraryRule("tags", "carries only tags of the closed list", check)
