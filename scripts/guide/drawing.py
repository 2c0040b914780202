"""Draw the library's diagrams and report those that cannot be drawn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from guide.checks import Finding
from guide.diagrams.render import render_diagrams
from guide.library import Library

RULE = "diagram-syntax"


def draw_diagrams(
    library: Library,
    cache: Path,
    progress: Callable[[int, int], None],
    generated: Sequence[str] = (),
) -> list[Finding]:
    """Draw every diagram of the written pages into `cache`; `progress` gets done and total.

    The sources of `generated` pages are drawn with them, to use all cores.
    """
    places = [(page, diagram.fence) for page in library.written_pages for diagram in page.diagrams]
    sources = [*(fence.code for _, fence in places), *generated]
    drawn = render_diagrams(sources, cache, progress)
    findings = []
    for page, fence in places:
        error = drawn[fence.code].error
        if error is not None:
            findings.append(
                Finding(
                    page.file,
                    fence.line + (error.line or 0),
                    fence.column,
                    RULE,
                    f"the diagram cannot be drawn: {error.message}",
                    "",
                )
            )
    return findings
