"""A sheet for each area to look things up on: the short answer of each topic and its tables."""

from __future__ import annotations

from collections.abc import Iterator

from guide.indexes.markdown_text import escape, link, page, unlinked
from guide.library import Library, Page
from guide.library.curriculum import Area

SECTIONS = ("Trade-offs", "Pitfalls", "Bottlenecks", "Failure modes")
"""Sections whose tables say the most in the least space; the last two are those of cases."""


def cheat_sheet_path(area: Area) -> str:
    """Path of the sheet of `area`, relative to docs/."""
    return f"exports/{area.id}-sheet.md"


def cheat_sheet(library: Library, area: Area) -> str:
    """The topics of `area`, each with its 30-second answer and its tables."""
    origin = cheat_sheet_path(area)
    pages = library.topics_by_area[area.id]
    overview = link("the overview", origin, f"{area.id}/index.md")
    blocks = [
        "The short answer to each topic of this area, with its trade-offs and pitfalls. All else "
        f"is on the pages that the headings link to; {overview} lists them."
    ]
    for each in pages:
        blocks += [
            f"## {link(each.title, origin, each.path)} {{ #{each.slug} }}",
            unlinked(each.lead),
            *_tables(each),
        ]
    description = f"{area.title} on a few sheets of paper: short answers, trade-offs and pitfalls."
    return page(f"{area.title}: cheat sheet", description, blocks, kind="area-sheet")


def _tables(each: Page) -> Iterator[str]:
    lines = each.text.split("\n")
    for section in each.sections:
        if section.level != 2 or section.title not in SECTIONS:
            continue
        own = lines[section.line - each.body_line + 1 : section.end_line - each.body_line + 1]
        for number, table in enumerate(_runs(own)):
            if number == 0:
                yield f"**{escape(section.title)}**"
            yield unlinked(table)


def _runs(lines: list[str]) -> Iterator[str]:
    """The tables among `lines`."""
    table: list[str] = []
    for line in [*lines, ""]:
        if line.startswith("|"):
            table.append(line)
        elif table:
            yield "\n".join(table)
            table = []
