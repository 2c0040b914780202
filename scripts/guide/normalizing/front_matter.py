"""Infer the front matter that a draft page lacks: description, level and tags, and how surely."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from guide.intake.model import Change, DraftPage
from guide.intake.pages.describing import described
from guide.intake.reading.markdown import render
from guide.intake.relating.relating import Relater
from guide.intake.relating.relations import Relation

BY = "relating"
_SURE_LEVEL = 0.6
_SURE_TAG = 0.25
_MAX_TAGS = 5


def informed(
    page: DraftPage,
    document: str,
    near: Sequence[Relation],
    relater: Relater,
    changes: list[Change],
) -> DraftPage:
    """Return the page with what is told clearly enough; the rest is left out, and `changes` say so.

    `document` is the title of the whole, `near` is how the units of the page relate to the guide.
    """
    body = "\n\n".join(render(section.blocks) for section in page.root.walk())
    level, tags = page.level, page.tags
    if not level:
        guess = relater.level([document, page.title], near)
        level = guess.level or "" if guess.confidence >= _SURE_LEVEL else ""
        changes.append(_inferred(page, "level", [(level, guess.confidence)] if level else []))
    if not tags:
        likely = [each for each in relater.tags(body, near) if each.confidence >= _SURE_TAG]
        tags = tuple(each.tag for each in likely[:_MAX_TAGS])
        found = [(each.tag, each.confidence) for each in likely[:_MAX_TAGS]]
        changes.append(_inferred(page, "tags", found))
    description = page.description or described(page, document)
    return dataclasses.replace(page, description=description, level=level, tags=tags)


def _inferred(page: DraftPage, key: str, found: Sequence[tuple[str, float]]) -> Change:
    """What front matter was inferred, and how surely; or that it is left out."""
    line = page.root.line
    if not found:
        message = f"no {key} for {page.name}.md: nothing says it clearly enough"
        return Change("flagged", BY, line, message)
    guesses = ", ".join(f"{name} ({confidence * 100:.0f} %)" for name, confidence in found)
    return Change("inferred", BY, line, f"{key} of {page.name}.md: {guesses}")
