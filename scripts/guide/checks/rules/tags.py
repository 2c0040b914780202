"""Tags come from the closed list in docs/tags.yml."""

from __future__ import annotations

from collections.abc import Iterator

from guide.checks.finding import Finding
from guide.checks.rule import Rule
from guide.library import Library, did_you_mean


def check(library: Library) -> Iterator[Finding]:
    """Report tags that the list does not have."""
    known = {tag.id for tag in library.tags}
    for page in library.topic_pages:
        for tag in page.topic.tags if page.topic else ():
            if tag not in known:
                yield Finding(
                    page.file,
                    page.head_line("tags"),
                    1,
                    RULE.id,
                    f"unknown tag `{tag}`",
                    did_you_mean(tag, known) or "choose one of docs/tags.yml, or add it there",
                )


RULE = Rule("tags", "carries only tags of the closed list", check)
