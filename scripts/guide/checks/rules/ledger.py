"""The ledger is whole: what it says is covered is there, what should be covered is."""

from __future__ import annotations

import dataclasses
from collections.abc import Container, Iterable, Iterator
from itertools import chain

from guide.checks.finding import Finding
from guide.checks.rule import LibraryRule
from guide.library import Library, did_you_mean

DOCUMENTS, UNITS, COVERAGE, ERRATA = (
    f"docs/sources/{name}.yml" for name in ("documents", "units", "coverage", "errata")
)


def check(library: Library) -> Iterator[Finding]:
    """Report references of the ledger that lead nowhere, and written topics' open units."""
    yield from _references(library)
    yield from _places(library)
    yield from _open(library)
    yield from _waiting(library)


def _references(library: Library) -> Iterator[Finding]:
    ledger = library.ledger
    units = {unit.id for unit in ledger.units}
    errata = {erratum.id for erratum in ledger.errata}
    documents = {document.id for document in ledger.documents}
    topics = library.curriculum.by_slug
    yield from _twice(library, UNITS, [unit.id for unit in ledger.units])
    yield from _twice(library, COVERAGE, [entry.unit for entry in ledger.coverage])
    yield from _twice(library, ERRATA, [erratum.id for erratum in ledger.errata])
    for index, unit in enumerate(ledger.units):
        if unit.document not in documents:
            yield _finding(library, UNITS, index, f"`{unit.id}` belongs to no document")
        if not unit.topics and unit.document not in ledger.drafts:
            hint = "name the topics that treat it, the main home first"
            yield _finding(library, UNITS, index, f"`{unit.id}` is given to no topic", hint)
        names = [unit.parent] if unit.parent else []
        for reference in chain(
            _unknown(names, units), _unknown(unit.topics, topics), _unknown(unit.errata, errata)
        ):
            yield _finding(library, UNITS, index, *reference)
    for index, entry in enumerate(ledger.coverage):
        for reference in _unknown([entry.unit], units):
            yield _finding(library, COVERAGE, index, *reference)
    for index, erratum in enumerate(ledger.errata):
        for reference in chain(_unknown(erratum.units, units), _unknown(erratum.topics, topics)):
            yield _finding(library, ERRATA, index, *reference)


def _places(library: Library) -> Iterator[Finding]:
    ledger = library.ledger
    published = {*ledger.published.places, *(each.id for each in ledger.published.errata)}
    claims = [
        (COVERAGE, index, entry.unit, place)
        for index, entry in enumerate(ledger.coverage)
        for place in entry.at
    ]
    claims += [
        (ERRATA, index, erratum.id, erratum.at)
        for index, erratum in enumerate(ledger.errata)
        if erratum.at
    ]
    for file, index, name, place in claims:
        path, _, anchor = place.partition("#")
        page = library.pages.get(f"{path}.md")
        said = f"`{name}` is said to be at `{place}`, but"
        if page is None:
            known = [page.path.removesuffix(".md") for page in library.topic_pages]
            hint = did_you_mean(path, known)
            yield _finding(library, file, index, f"{said} there is no docs/{path}.md", hint)
        elif anchor not in page.ids:
            hint = did_you_mean(anchor, page.ids) or "write `area/slug#anchor`"
            yield _finding(library, file, index, f"{said} {page.file} has no such anchor", hint)
        elif name in published and not page.is_published:
            hint = f"publish the page, or mark the document in {DOCUMENTS} with `draft: true`"
            yield _finding(library, file, index, f"{said} {page.file} is a draft", hint)


def _open(library: Library) -> Iterator[Finding]:
    """Notes, not errors: a page that is being written covers its units one by one."""
    ledger = library.ledger
    for index, unit in enumerate(ledger.units):
        if unit.document in ledger.drafts:
            continue
        page = library.page_of(unit.home)
        if page is None and unit.id not in ledger.places:
            page = next(filter(None, map(library.page_of, unit.topics)), None)
        elif ledger.is_covered(unit):
            page = None
        if page is not None:
            yield _note(
                library,
                UNITS,
                index,
                f"`{unit.id}` ({unit.title}) is not covered, though {page.file} is written",
                f"treat it there and add `{{unit: {unit.id}, at: [...]}}` to {COVERAGE}",
            )
    for index, erratum in enumerate(ledger.errata):
        page = library.page_of(erratum.topics[0])
        is_draft = ledger.document_of(erratum.id) in ledger.drafts
        if page is not None and erratum.at is None and not is_draft:
            yield _note(
                library,
                ERRATA,
                index,
                f"`{erratum.id}` is not corrected, though {page.file} is written",
                "correct it in the text and say where: `at: area/slug#anchor`",
            )


def _waiting(library: Library) -> Iterator[Finding]:
    """One note a document: its units are looked at together, when its drafts are reviewed."""
    for index, document in enumerate(library.ledger.documents):
        if document.draft:
            count = sum(unit.document == document.id for unit in library.ledger.units)
            message = f"`{document.slug}` is a draft; units that wait for review: {count}"
            hint = "publish its pages, then remove `draft: true` here"
            yield _note(library, DOCUMENTS, index, message, hint)


def _unknown(names: Iterable[str], known: Container[str]) -> Iterator[tuple[str, str]]:
    for name in names:
        if name not in known:
            near = did_you_mean(name, known) if isinstance(known, Iterable) else ""
            yield f"`{name}` does not exist", near


def _twice(library: Library, file: str, ids: list[str]) -> Iterator[Finding]:
    first: dict[str, int] = {}
    for index, each in enumerate(ids):
        if each in first:
            yield _finding(library, file, index, f"`{each}` is listed twice", "keep one")
        first.setdefault(each, index)


def _finding(library: Library, file: str, index: int, message: str, hint: str = "") -> Finding:
    line, column = library.place(file, index)
    return Finding(file, line, column, RULE.id, message, hint)


def _note(library: Library, file: str, index: int, message: str, hint: str) -> Finding:
    found = _finding(library, file, index, message, hint)
    return dataclasses.replace(found, severity="note")


RULE = LibraryRule("ledger", "covers the source units that the ledger gives it", check)
