"""SQL and Redis commands are shown from examples, because only those meet a real engine."""

from __future__ import annotations

from collections.abc import Iterator

from guide.checks.finding import Finding
from guide.checks.rule import PageRule
from guide.languages import canonical
from guide.library import Page
from guide.library.examples import example_of
from guide.library.page import PageReader

_ENGINES = {"sql": ("PostgreSQL", "example.sql"), "redis": ("Redis", "example.redis")}


def check(page: Page, reader: PageReader) -> Iterator[Finding]:
    """Report such fences on study pages unless they include a file of an example."""
    if page.kind not in ("topic", "draft"):
        return
    for fence in page.fences:
        engine = _ENGINES.get(canonical(fence.language) or "")
        if engine is None or example_of(fence.included_from) is not None:
            continue
        name, file = engine
        message = f"no {name} has run this {fence.language}"
        hint = f'put it into the {file} of an example and include it: --8<-- "...{file}:show"'
        yield Finding(page.file, fence.line, fence.column, RULE.id, message, hint)


RULE = PageRule(
    "code-from-example",
    "shows SQL and Redis commands only from examples, which engines run",
    check,
    strict_on_drafts=False,
)
