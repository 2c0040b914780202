"""Edits of a link's target at its exact place in the source."""

from __future__ import annotations

from guide.checks.finding import Edit
from guide.library import Page
from guide.library.links import Link


def retarget(page: Page, link: Link, target: str) -> tuple[Edit, ...]:
    """Replace the target of `link` by `target`; nothing if it does not stand there literally."""
    line, column = link.joint or (link.line, link.column)
    start = page.source.split("\n")[line - 1].find(link.target, column - 1)
    if start < 0 or page.kind == "generated":
        return ()
    return (Edit(line, start + 1, line, start + 1 + len(link.target), target),)
