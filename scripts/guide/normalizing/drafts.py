"""`guide normalize`: a raw study document becomes draft pages, ledger entries and a report.

`prepare` reads a document and cuts it into pages; `finish` leads the links of all documents of a
run to where things stand now, and lets their pages pass the checks. Nothing is written; `taking_in`
writes what `finish` returns.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from guide.checks import Finding
from guide.intake.code.diagrams import as_text
from guide.intake.model import Change, DraftPage, Unit
from guide.intake.model import Document as Read
from guide.intake.pages.anchors import Anchors
from guide.intake.pages.page_text import page_text
from guide.intake.pages.places import Places
from guide.intake.pipeline import Drafted, Outlined, cut, linked, outlined
from guide.intake.relating.relating import Relater
from guide.intake.relating.relations import Relation
from guide.intake.reporting.conservation import conserve
from guide.intake.reporting.report import Report, make_report
from guide.intake.reporting.units import find_units
from guide.intake.shape.merging import merge
from guide.intake.slugs import file_slug, free
from guide.library import Library
from guide.library.ledger import Coverage, Document
from guide.library.ledger import Unit as LedgerUnit
from guide.library.page import DRAFTS, Page
from guide.normalizing.draft_checks import Checked, Draw, pass_checks, undrawn
from guide.normalizing.front_matter import informed

_MAX_TITLE = 80


@dataclass(frozen=True, slots=True)
class Options:
    """Where the pages go: into the folder `area`, or under docs/intake/.

    `name` is that of the document, from its file if empty.
    """

    area: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A document as pages whose links are still its own, and how its units relate to the guide.

    `taken` are ids of questions and items that stand elsewhere.
    """

    path: Path
    name: str
    folder: str
    taken: frozenset[str]
    outline: Outlined
    drafted: Drafted
    units: tuple[Unit, ...]
    relations: Mapping[str, Relation]

    def merging(self, merges: Mapping[int, int]) -> Prepared:
        """Return it with questions merged: line of the later -> line of the first."""
        outline = dataclasses.replace(self.outline, document=merge(self.outline.document, merges))
        drafted = cut(outline, self.folder, self.taken)
        return dataclasses.replace(self, outline=outline, drafted=drafted)


@dataclass(frozen=True, slots=True)
class Normalized:
    """What a document becomes: texts by path under docs/, what to copy, what is wrong still.

    `copies` are images: file of the document -> path under docs/. `findings` are errors that no
    suppression can cover; with any, nothing should be written.
    """

    name: str
    title: str
    folder: str
    texts: Mapping[str, str]
    copies: Mapping[Path, str]
    document: Document
    units: tuple[LedgerUnit, ...]
    coverage: tuple[Coverage, ...]
    pages: Mapping[str, Page]
    report: Report
    findings: tuple[Finding, ...]

    @property
    def is_sound(self) -> bool:
        """Whether the pages pass the checks and hold all that the document says."""
        return not self.findings and self.report.conservation.whole

    def added_to(self, library: Library) -> Library:
        """The library with this document in it, as it will be read once it is written."""
        documents = (*library.ledger.documents, self.document)
        ledger = dataclasses.replace(library.ledger, documents=documents)
        return dataclasses.replace(library.extended(self.pages, ()), ledger=ledger)


def normalize(
    library: Library, relater: Relater, path: Path, options: Options, draw: Draw
) -> Normalized:
    """Normalize the document at `path` alone; raise IntakeError if it cannot be read."""
    [done] = finish(library, relater, [prepare(library, relater, path, options)], draw)
    return done


def prepare(
    library: Library,
    relater: Relater,
    path: Path,
    options: Options,
    earlier: Sequence[Prepared] = (),
) -> Prepared:
    """Read the document at `path` and cut it into pages; raise IntakeError if it cannot be read.

    `earlier` are those of the same run before it: their names and ids are taken.
    """
    names = _published(library).union(each.name for each in earlier)
    name = options.name or free(file_slug(path.stem, "document"), names)
    folder = options.area or f"{DRAFTS}/{name}"
    taken = _taken(library, folder).union(*(_ids(each.drafted) for each in earlier))
    outline = outlined(path, [tag.id for tag in library.tags])
    units = find_units(outline.document.root, outline.document.source)
    return Prepared(
        path=path,
        name=name,
        folder=folder,
        taken=taken,
        outline=outline,
        drafted=cut(outline, folder, taken),
        units=units,
        relations={each.unit: each for each in relater.relate(units)},
    )


def finish(
    library: Library, relater: Relater, prepared: Sequence[Prepared], draw: Draw
) -> list[Normalized]:
    """Return the documents of a run as they can be written; links may lead from one to another."""
    # Links name files; where two have the same name, nobody knows which is meant.
    named = Counter(each.path.name for each in prepared)
    neighbors = {
        each.path.name: each.drafted.anchors for each in prepared if named[each.path.name] == 1
    }
    settled = [_settled(library, relater, each, neighbors, draw) for each in prepared]
    texts = {file: text for each in settled for file, text in each.texts.items()}
    origins = {file: each.prepared.path.name for each in settled for file in each.texts}
    files = library.files.union(*(each.drafted.copies.values() for each in settled))
    checked = pass_checks(dataclasses.replace(library, files=files), texts, origins, draw)
    done: list[Normalized] = []
    for each in settled:
        done.append(_normalized(library, each, checked))
        library = done[-1].added_to(library)
    return done


@dataclass(frozen=True, slots=True)
class _Settled:
    """A document with links that lead somewhere, by path under docs/, before the checks."""

    prepared: Prepared
    drafted: Drafted
    document: Read
    pages: Mapping[str, DraftPage]
    texts: Mapping[str, str]


def _settled(
    library: Library,
    relater: Relater,
    prepared: Prepared,
    neighbors: Mapping[str, Anchors],
    draw: Draw,
) -> _Settled:
    drafted = linked(prepared.drafted, prepared.path.parent, neighbors, library.files)
    inferred: list[Change] = []
    pages = {
        f"{prepared.folder}/{page.name}.md": page
        if drafted.front.is_house
        else informed(page, drafted.title, _relations_of(page, prepared), relater, inferred)
        for page in drafted.pages
    }
    pages, document = _drawable(library, pages, drafted, draw)
    texts = {file: page_text(page, drafted.front) for file, page in pages.items()}
    return _Settled(prepared, drafted, document.noting(inferred), pages, texts)


def _relations_of(page: DraftPage, prepared: Prepared) -> list[Relation]:
    """How the units that stand on a page relate to the guide."""
    lines = {section.line for section in page.root.walk()}
    related = (unit for unit in prepared.units if unit.id in prepared.relations)
    return [prepared.relations[unit.id] for unit in related if unit.line in lines]


def _normalized(library: Library, settled: _Settled, checked: Checked) -> Normalized:
    prepared, drafted, document = settled.prepared, settled.drafted, settled.document
    name, units, pages = prepared.name, prepared.units, settled.pages
    texts = {file: checked.texts[file] for file in pages}
    files = {f"docs/{file}" for file in pages}
    places = Places(pages.values(), prepared.folder)
    at = {unit.id: places.at(unit.line) for unit in units}
    number = _number(library, name)
    return Normalized(
        name=name,
        title=drafted.title,
        folder=prepared.folder,
        texts=texts,
        copies=drafted.copies,
        document=Document(
            id=number,
            slug=name,
            title=drafted.title,
            description=next(page.description for page in pages.values()),
            draft=True,
        ),
        units=tuple(_ledger_unit(number, unit, prepared.relations) for unit in units),
        coverage=tuple(
            Coverage(unit=f"s{number}-{unit}", at=(place,)) for unit, place in at.items() if place
        ),
        pages={file: page for file, page in checked.pages.items() if file in pages},
        report=make_report(
            file=str(prepared.path),
            title=drafted.title,
            document=document,
            read=drafted.read,
            pages=pages,
            texts=texts,
            units=units,
            places=at,
            relations=prepared.relations,
            suppressions=[each for each in checked.suppressed if each.page in files],
            conservation=conserve(document.source, list(texts.values()), document.changes),
        ),
        findings=tuple(each for each in checked.findings if each.path in files),
    )


def _drawable(
    library: Library, pages: Mapping[str, DraftPage], drafted: Drafted, draw: Draw
) -> tuple[dict[str, DraftPage], Read]:
    """The pages with diagrams that cannot be drawn as text again, as the document had them."""
    done, document = dict(pages), drafted.document
    texts = {file: page_text(page, drafted.front) for file, page in pages.items()}
    for file, source, reason in undrawn(library, texts, draw):
        root, changes = as_text(done[file].root, document.changes, source, reason)
        done[file] = dataclasses.replace(done[file], root=root)
        document = dataclasses.replace(document, changes=changes)
    return done, document


def _taken(library: Library, folder: str) -> frozenset[str]:
    """Ids of questions and items elsewhere in the guide: those of `folder` are replaced."""
    return frozenset(item.id for page in _others(library, folder) for item in page.items)


def _ids(drafted: Drafted) -> Iterator[str]:
    """Ids of the questions of a document."""
    for page in drafted.pages:
        for section in page.root.walk():
            if section.role == "question":
                yield section.id


def _others(library: Library, folder: str) -> Iterator[Page]:
    for page in library.study_pages:
        if page.kind != "draft" or page.area != folder:
            yield page


def _published(library: Library) -> frozenset[str]:
    """Names of documents that the guide has taken in for good."""
    return frozenset(each.slug for each in library.ledger.documents if not each.draft)


def _number(library: Library, name: str) -> int:
    """The id of the document in the ledger: the one it has, or the next."""
    known = {each.slug: each.id for each in library.ledger.documents}
    return known.get(name, max(known.values(), default=-1) + 1)


def _ledger_unit(number: int, unit: Unit, relations: Mapping[str, Relation]) -> LedgerUnit:
    relation = relations.get(unit.id)
    homes = relation.homes if relation is not None and relation.sure else ()
    title = " ".join(unit.title.split()) or f"The {unit.kind} on line {unit.line}"
    return LedgerUnit(
        id=f"s{number}-{unit.id}",
        kind=unit.kind,
        title=title if len(title) <= _MAX_TITLE else f"{title[: _MAX_TITLE - 1]}…",
        parent=f"s{number}-{unit.parent}" if unit.parent else None,
        topics=tuple(home.topic for home in homes[:1]),
    )
