"""What was wrong in the source documents, and what is right."""

from __future__ import annotations

from collections import Counter

from guide.indexes.markdown_text import items, link, page, plural
from guide.library import Library
from guide.library.ledger import Document, Erratum

PATH = "about/errata/index.md"


def errata_path(document: Document) -> str:
    """Path of the page with the errata of `document`, relative to docs/."""
    return f"about/errata/{document.slug}.md"


def erratum_target(library: Library, erratum_id: str) -> str:
    """Where the erratum stands: page and anchor."""
    ledger = library.ledger.published
    number = ledger.document_of(erratum_id)
    for document in ledger.documents:
        if document.id == number:
            return f"{errata_path(document)}#{erratum_id.lower()}"
    return PATH


def errata_index(library: Library) -> str:
    """Counts by document and severity."""
    ledger = library.ledger.published
    lines = []
    for document in ledger.documents:
        found = _of(library, document)
        severities = Counter(each.severity for each in found)
        counted = ", ".join(f"{severities[level]} {level}" for level in ("high", "medium", "low"))
        corrected = sum(each.at is not None for each in found)
        name = link(document.title, PATH, errata_path(document))
        lines.append(f"{name}: {len(found)} ({counted}), {corrected} corrected in the guide")
    blocks = [
        f"{plural(len(ledger.errata), 'error')}, outdated claims and pieces of broken or "
        "insecure code were found in the source documents. Each is corrected on the page that "
        "treats its subject, visibly where a reader might believe the old version.",
        items(lines),
    ]
    return page("Errata of the sources", "What is wrong in the source documents.", blocks)


def errata_page(library: Library, document: Document) -> str:
    """All errata of one document."""
    path = errata_path(document)
    blocks = [
        "Severity high: teaches something false or dangerous. Medium: an interviewer would "
        "object. Low: polish."
    ]
    found = [_entry(library, path, each) for each in _of(library, document)]
    blocks += found or ["Nothing in this document was found to be wrong."]
    description = f"Errors found in: {document.title}. Each with its correction and reference."
    return page(f"Errata: {document.title}", description[:200], blocks)


def _entry(library: Library, path: str, erratum: Erratum) -> str:
    where = "Not treated yet."
    if erratum.at:
        name, _, anchor = erratum.at.partition("#")
        target = library.pages.get(f"{name}.md")
        if target is not None:
            where = f"Corrected on {link(target.title, path, f'{target.path}#{anchor}')}."
    return (
        f"**{erratum.id}**{{ #{erratum.id.lower()} }} · {erratum.category} · {erratum.severity}\n\n"
        + items(
            [
                f"Said: {_text(erratum.said)}",
                f"Right: {_text(erratum.correct)}",
                f"Reference: {_text(erratum.reference)}. {where}" if erratum.reference else where,
            ]
        )
    )


def _text(text: str) -> str:
    """Errata are written in Markdown (inline code, emphasis); only line breaks must go."""
    return " ".join(text.split())


def _of(library: Library, document: Document) -> list[Erratum]:
    ledger = library.ledger.published
    return [each for each in ledger.errata if ledger.document_of(each.id) == document.id]
