"""The order of the areas, drawn from the prerequisites of their topics."""

from __future__ import annotations

import re
from collections.abc import Collection

from guide.indexes.markdown_text import escape
from guide.library.curriculum import Area, Curriculum

MAX_NODES = 12
"""A drawing with more says less."""


def area_order(curriculum: Curriculum) -> list[str]:
    """Draw what to study before what, and say which areas are not drawn.

    Nothing if no area builds on another, or if too many do.
    """
    edges = area_edges(curriculum)
    drawn = [area for area in curriculum.areas if any(area.id in edge for edge in edges)]
    if not drawn or len(drawn) > MAX_NODES:
        return []
    lines = [
        "flowchart LR",
        "  accTitle: The order of the areas",
        f"  accDescr: {'. '.join(_said(area, drawn, edges) for area in drawn)}.",
        *(f'  {area.id}["{short_name(area)}"]' for area in drawn),
        *(f"  {above} --> {below}" for above, below in edges),
    ]
    text = (
        "An arrow leads to an area of which at least half of the topics build on the area before "
        "it. Areas that no arrow joins can be read in either order."
    )
    others = [escape(area.title) for area in curriculum.areas if area not in drawn]
    if others:
        text += f" Not drawn, because no single area is behind half of them: {'; '.join(others)}."
    return [text, "```mermaid\n" + "\n".join(lines) + "\n```"]


def area_edges(curriculum: Curriculum) -> list[tuple[str, str]]:
    """Pairs of areas, the earlier first, without those that others imply."""
    found = set()
    for area, topics in curriculum.by_area.items():
        areas_below = [
            {curriculum.by_slug[slug].area for slug in curriculum.foundations(topic.slug)}
            for topic in topics
            if not topic.is_case
        ]
        for other in curriculum.by_area:
            number = sum(other in areas for areas in areas_below)
            if other != area and 0 < len(areas_below) <= 2 * number:
                found.add((other, area))
    implied = {(a, d) for a, b in found for c, d in found if b == c}
    order = list(curriculum.by_area)
    return _followed(sorted(found - implied, key=lambda edge: [order.index(a) for a in edge]))


def _followed(edges: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The same edges, those that share an area near each other: fewer of them cross when drawn."""
    leaving: dict[str, list[tuple[str, str]]] = {}
    entering: dict[str, list[tuple[str, str]]] = {}
    for edge in edges:
        leaving.setdefault(edge[0], []).append(edge)
        entering.setdefault(edge[1], []).append(edge)
    found: dict[tuple[str, str], None] = {}

    def visit(area: str) -> None:
        for edge in leaving.get(area, ()):
            if edge not in found:
                found[edge] = None
                visit(edge[1])
                for above, _ in entering[edge[1]]:
                    visit(above)

    for above, _ in edges:
        visit(above)
    return list(found)


def _said(area: Area, drawn: list[Area], edges: Collection[tuple[str, str]]) -> str:
    """The arrows to `area` in words."""
    above = [short_name(each) for each in drawn if (each.id, area.id) in edges]
    when = f"comes after {' and '.join(above)}" if above else "is first"
    return f"{short_name(area)} {when}"


def short_name(area: Area) -> str:
    """The title up to its first comma or "and", without what Mermaid would take for its own."""
    return re.split(r", | and ", area.title)[0].replace('"', "'")
