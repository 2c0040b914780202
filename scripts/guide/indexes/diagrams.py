"""The gallery: every diagram of an area on one page."""

from __future__ import annotations

from guide.indexes.markdown_text import escape, items, link, named_link, page, plural
from guide.library import Library, Page
from guide.library.page import Diagram

PATH = "diagrams/index.md"


def gallery_index(library: Library) -> str:
    """The areas that have diagrams, with every diagram's title."""
    blocks = ["Draw these from memory: if you can, you can explain them."]
    for area in library.curriculum.areas:
        pages = _pages(library, area.id)
        if not pages:
            continue
        number = sum(len(each.diagrams) for each in pages)
        target = gallery_path(area.id)
        name = link(area.title, PATH, target)
        blocks += [
            f"## {name} {{ #{area.id} }}",
            f"{plural(number, 'diagram')}.",
            items(
                f"{escape(diagram.text.title)} (on {link(each.title, PATH, _place(each, diagram))})"
                for each in pages
                for diagram in each.diagrams
            ),
        ]
    return page("Diagrams", "A gallery of every diagram in the guide, by area.", blocks)


def galleries(library: Library) -> dict[str, str]:
    """One page of drawings for each area that has any."""
    made = {}
    for area in library.curriculum.areas:
        pages = _pages(library, area.id)
        if pages:
            path = gallery_path(area.id)
            made[path] = _gallery(path, area.title, pages)
    return made


def gallery_path(area: str) -> str:
    """Path of the gallery of `area`, relative to docs/."""
    return f"diagrams/{area}.md"


def _gallery(path: str, title: str, pages: list[Page]) -> str:
    blocks = []
    for each in pages:
        blocks.append(f"## {link(each.title, path, each.path)} {{ #{each.slug} }}")
        for diagram in each.diagrams:
            blocks += [
                f"```mermaid\n{diagram.fence.code}\n```",
                f"{escape(diagram.text.description)} "
                + named_link(
                    "See it in its place", diagram.text.title, path, _place(each, diagram)
                ),
            ]
    description = f"Every diagram of the area {title}, each with its description and its page."
    return page(f"Diagrams: {title}", description, blocks)


def _pages(library: Library, area: str) -> list[Page]:
    return [each for each in library.topics_by_area[area] if each.diagrams]


def _place(each: Page, diagram: Diagram) -> str:
    """The heading above the diagram, as a link target."""
    above = [section for section in each.sections if section.line <= diagram.fence.line]
    return f"{each.path}#{above[-1].id}" if above else each.path
