"""The guide in figures, for the home page."""

from __future__ import annotations

from dataclasses import dataclass

from guide.library import Library


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts of what is there."""

    topics_written: int
    topics_planned: int
    areas_complete: int
    areas_total: int
    cases: int
    questions: int
    diagrams: int
    examples: int
    units_covered: int
    units_total: int
    errata_corrected: int
    errata_total: int


def figures(library: Library) -> Figures:
    """Count the library."""
    pages = library.topic_pages
    ledger = library.ledger.published
    cases = [topic for topic in library.curriculum.topics if topic.is_case]
    topics = [topic for topic in library.curriculum.topics if not topic.is_case]
    written = [topic for topic in topics if library.page_of(topic.slug)]
    by_area = library.curriculum.by_area.values()
    return Figures(
        topics_written=len(written),
        topics_planned=len(topics) - len(written),
        areas_complete=sum(all(library.page_of(t.slug) for t in area) for area in by_area),
        areas_total=len(library.curriculum.areas),
        cases=sum(library.page_of(case.slug) is not None for case in cases),
        questions=sum(len(page.questions) for page in pages),
        diagrams=sum(len(page.diagrams) for page in pages),
        examples=len(library.examples),
        units_covered=sum(ledger.is_covered(unit) for unit in ledger.units),
        units_total=len(ledger.units),
        errata_corrected=sum(each.at is not None for each in ledger.errata),
        errata_total=len(ledger.errata),
    )
