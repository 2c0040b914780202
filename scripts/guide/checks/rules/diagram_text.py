"""Every diagram has a title and a description for those who cannot see it."""

from __future__ import annotations

from collections.abc import Iterator

from guide.checks.finding import Finding
from guide.checks.rule import PageRule
from guide.library import Page
from guide.library.page import Diagram, PageReader

MIN_WORDS = 3
"""A description shorter than this says no more than the title."""
_WHERE = "under the diagram's first line (in a mindmap, `%% ...`)"


def check(page: Page, reader: PageReader) -> Iterator[Finding]:
    """Report diagrams whose accTitle or accDescr is missing, too short or says the same."""
    if page.kind == "generated":
        return
    for diagram in page.diagrams:
        for message, hint in _wrong(diagram):
            fence = diagram.fence
            yield Finding(page.file, fence.line, fence.column, RULE.id, message, hint)


def _wrong(diagram: Diagram) -> Iterator[tuple[str, str]]:
    title, description = diagram.text.title, diagram.text.description
    for name, value in (("accTitle", title), ("accDescr", description)):
        if not value:
            yield f"the diagram has no {name}", f"add a line `{name}: ...` {_WHERE}"
    if title and title == description:
        yield "accTitle and accDescr say the same", "describe what is to be seen in accDescr"
    elif description and len(description.split()) < MIN_WORDS:
        yield f"`{description}` describes nothing", "say in accDescr what is to be seen"


RULE = PageRule(
    "diagram-text",
    "gives each diagram a title and a description",
    check,
    strict_on_drafts=False,
)
