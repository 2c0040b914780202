"""The guide in figures, for the home page."""

from __future__ import annotations

from dataclasses import dataclass

from guide.library import Library


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts of what is there."""

    topics_written: int
    topics_planned: int
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
    ledger = library.ledger
    return Figures(
        topics_written=len(pages),
        topics_planned=len(library.curriculum.topics) - len(pages),
        questions=sum(len(page.questions) for page in pages),
        diagrams=sum(len(page.diagrams) for page in pages),
        examples=len(library.examples),
        units_covered=sum(ledger.is_covered(unit) for unit in ledger.units),
        units_total=len(ledger.units),
        errata_corrected=sum(each.at is not None for each in ledger.errata),
        errata_total=len(ledger.errata),
    )
