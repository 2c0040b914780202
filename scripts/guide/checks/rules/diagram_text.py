"""Every diagram has a title and a description for those who cannot see it."""

from __future__ import annotations

from collections.abc import Iterator

from guide.checks.finding import Finding
from guide.checks.rule import Rule
from guide.library import Library


def check(library: Library) -> Iterator[Finding]:
    """Report diagrams without accTitle or accDescr."""
    for page in library.written_pages:
        for diagram in page.diagrams:
            for name, value in (
                ("accTitle", diagram.text.title),
                ("accDescr", diagram.text.description),
            ):
                if not value:
                    yield Finding(
                        page.file,
                        diagram.fence.line,
                        diagram.fence.column,
                        RULE.id,
                        f"the diagram has no {name}",
                        f"add a line `{name}: ...` under the diagram's first line"
                        " (in a mindmap, `%% ...`)",
                    )


RULE = Rule("diagram-text", "gives each diagram a title and a description", check, needs_data=False)
