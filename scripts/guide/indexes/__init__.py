"""Pages and figures computed from the library; nothing here is committed as a file."""

from __future__ import annotations

from guide.indexes import (
    areas,
    cheat_sheets,
    code,
    diagrams,
    errata,
    examples,
    glossary,
    map,
    plans,
    question_sheets,
    questions,
    sources,
    topics,
)
from guide.indexes.figures import Figures, figures
from guide.library import Library

__all__ = ["Figures", "figures", "generate"]

EXPORTS_PAGE = "practice/exports.md"
"""The page that lists what there is to take along; without it there are no sheets."""


def generate(library: Library) -> dict[str, str]:
    """Return every generated page: path relative to docs/ -> Markdown."""
    pages = {
        topics.BY_AREA: topics.by_area(library),
        topics.A_TO_Z: topics.a_to_z(library),
        topics.BY_LEVEL: topics.by_level(library),
        topics.BY_TAG: topics.by_tag(library),
        questions.PATH: questions.question_index(library),
        diagrams.PATH: diagrams.gallery_index(library),
        code.PATH: code.code_index(library),
        examples.PATH: examples.examples_page(library),
        glossary.PATH: glossary.glossary_page(library),
        sources.PATH: sources.source_index(library),
        errata.PATH: errata.errata_index(library),
    }
    pages |= diagrams.galleries(library)
    pages |= plans.plan_pages(library)
    pages |= map.map_pages(library)
    for area in library.curriculum.areas:
        pages[f"{area.id}/index.md"] = areas.area_index(library, area)
        if EXPORTS_PAGE in library.pages:
            sheet = question_sheets.question_sheet_path(area)
            pages[sheet] = question_sheets.question_sheet(library, area)
            sheet = cheat_sheets.cheat_sheet_path(area)
            pages[sheet] = cheat_sheets.cheat_sheet(library, area)
    for document in library.ledger.published.documents:
        pages[sources.document_path(document)] = sources.document_page(library, document)
        pages[errata.errata_path(document)] = errata.errata_page(library, document)
    return pages
