"""One page per source document: its units in the original order, each linked to its answer."""

from __future__ import annotations

from collections.abc import Iterator

from guide.indexes.errata import erratum_target
from guide.indexes.markdown_text import escape, items, link, page, plural
from guide.library import Library
from guide.library.ledger import Document, Unit

PATH = "sources/index.md"


def document_path(document: Document) -> str:
    """Path of a document's page, relative to docs/."""
    return f"sources/{document.slug}.md"


def source_index(library: Library) -> str:
    """The documents with how far the guide has absorbed each."""
    lines = []
    for document in library.ledger.published.documents:
        units = _units(library, document)
        name = link(document.title, PATH, document_path(document))
        lines.append(f"{name}: {_progress(library, units)}. {escape(document.description)}")
    blocks = [
        "The guide grew from these documents. It is written afresh: facts carry over, sentences "
        "and code do not, and whatever was wrong is corrected. Every unit of the documents "
        "(question, section, list, table, diagram, code block) is tracked here.",
        items(lines),
    ]
    return page("Sources", "The source documents and how far the guide covers each.", blocks)


def document_page(library: Library, document: Document) -> str:
    """All units of `document` in order; open ones say where they are planned."""
    units = _units(library, document)
    path = document_path(document)
    lines = [
        f"{'    ' * _depth(library, unit)}- {_unit_line(library, path, unit)}" for unit in units
    ]
    blocks = [f"{escape(document.description)} {_progress(library, units)}.", "\n".join(lines)]
    return page(document.title, f"Where the guide answers: {document.title}.", blocks)


def _unit_line(library: Library, path: str, unit: Unit) -> str:
    ledger = library.ledger.published
    places = ledger.places.get(unit.id, ())
    where = "; ".join(_place_links(library, path, places))
    if not ledger.is_covered(unit):
        topic = library.curriculum.by_slug.get(unit.home)
        planned = f"planned on {escape(topic.title)}" if topic else "not placed yet"
        where = f"{where} in part; {planned}" if where else f"open, {planned}"
    errata = ", ".join(link(each, path, erratum_target(library, each)) for each in unit.errata)
    corrected = f" (corrected: {errata})" if errata else ""
    return f"{escape(unit.title)} · {unit.kind}: {where}{corrected}"


def _place_links(library: Library, path: str, places: tuple[str, ...]) -> Iterator[str]:
    """The sections that treat a unit, page by page."""
    anchors: dict[str, list[str]] = {}
    for place in places:
        name, _, anchor = place.partition("#")
        anchors.setdefault(f"{name}.md", []).append(anchor)
    for target_path, names in anchors.items():
        target = library.pages.get(target_path)
        if target is not None:
            titles = {section.id: section.title for section in target.sections}
            sections = ", ".join(
                link(titles.get(name, name), path, f"{target_path}#{name}") for name in names
            )
            yield f"{sections} in {link(target.title, path, target_path)}"


def _units(library: Library, document: Document) -> list[Unit]:
    return [unit for unit in library.ledger.published.units if unit.document == document.id]


def _progress(library: Library, units: list[Unit]) -> str:
    covered = sum(library.ledger.is_covered(unit) for unit in units)
    return f"{plural(len(units), 'unit')}, {covered:,} covered, {len(units) - covered:,} open"


def _depth(library: Library, unit: Unit) -> int:
    depth, current = 0, unit.parent
    while current and depth < 3:
        depth, current = depth + 1, library.ledger.parents.get(current)
    return depth
