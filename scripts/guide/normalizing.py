"""`guide normalize`: a raw study document becomes draft pages, ledger entries and a report.

`normalize` computes all of it and writes nothing; `taking_in` writes what it returns.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from guide.checks import Finding
from guide.draft_checks import Draw, pass_checks, undrawn
from guide.intake.code.diagrams import as_text
from guide.intake.model import Change, DraftPage, Unit
from guide.intake.model import Document as Read
from guide.intake.pages.anchors import Anchors
from guide.intake.pages.describing import described
from guide.intake.pages.page_text import page_text
from guide.intake.pages.places import Places
from guide.intake.pipeline import Drafted, Outlined, cut, linked, outlined
from guide.intake.reading.markdown import render
from guide.intake.relating.relating import Relater, UnitText
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

BY = "relating"
_SURE_LEVEL = 0.6
_SURE_TAG = 0.25
_MAX_TAGS = 5
_MAX_TITLE = 80
_ALONE: Mapping[str, Anchors] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Options:
    """Where the pages go: into the folder `area`, or under docs/intake/.

    `name` is that of the document, from its file if empty; `merges` are questions to merge, line
    of the later -> line of the first.
    """

    area: str = ""
    name: str = ""
    merges: Mapping[int, int] = dataclasses.field(default_factory=dict)


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


def draft(library: Library, path: Path, options: Options) -> tuple[Outlined, Drafted]:
    """Read the document at `path` and cut it into pages; raise IntakeError if it cannot be read."""
    folder = _folder(library, path, options)
    outline = outlined(path, [tag.id for tag in library.tags])
    merged = merge(outline.document, options.merges) if options.merges else outline.document
    drafted = cut(dataclasses.replace(outline, document=merged), folder, _taken(library, folder))
    return outline, drafted


def normalize(
    library: Library,
    relater: Relater,
    path: Path,
    options: Options,
    draw: Draw,
    neighbors: Mapping[str, Anchors] = _ALONE,
) -> Normalized:
    """Normalize the document at `path`; raise IntakeError if it cannot be read.

    `neighbors` are documents of the same run by file name: links may lead to them.
    """
    name, folder = _name(library, path, options), _folder(library, path, options)
    outline, drafted = draft(library, path, options)
    units = find_units(outline.document.root, outline.document.source)
    relations = {each.unit: each for each in relater.relate([_text(unit) for unit in units])}
    drafted = linked(drafted, path.parent, neighbors, library.files)
    inferred: list[Change] = []
    pages = {
        f"{folder}/{page.name}.md": _informed(page, drafted, units, relations, relater, inferred)
        for page in drafted.pages
    }
    pages, document = _drawable(library, pages, drafted, draw)
    texts = {file: page_text(page, drafted.front) for file, page in pages.items()}
    files = library.files.union(drafted.copies.values())
    checked = pass_checks(dataclasses.replace(library, files=files), texts, path.name, draw)
    document = document.noting(inferred)
    places = Places(pages.values(), folder)
    at = {unit.id: places.at(unit.line) for unit in units}
    number = _number(library, name)
    return Normalized(
        name=name,
        title=drafted.title,
        folder=folder,
        texts=checked.texts,
        copies=drafted.copies,
        document=Document(
            id=number,
            slug=name,
            title=drafted.title,
            description=next(page.description for page in pages.values()),
            draft=True,
        ),
        units=tuple(_ledger_unit(number, unit, relations) for unit in units),
        coverage=tuple(
            Coverage(unit=f"s{number}-{unit}", at=(place,)) for unit, place in at.items() if place
        ),
        pages=checked.pages,
        report=make_report(
            file=str(path),
            title=drafted.title,
            document=document,
            read=drafted.read,
            pages=pages,
            texts=checked.texts,
            units=units,
            places=at,
            relations=relations,
            suppressions=checked.suppressed,
            conservation=conserve(document.source, list(checked.texts.values()), document.changes),
        ),
        findings=checked.findings,
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


def _text(unit: Unit) -> UnitText:
    return UnitText(unit.id, unit.kind, unit.title, unit.text, unit.parent)


def _informed(
    page: DraftPage,
    drafted: Drafted,
    units: Iterable[Unit],
    relations: Mapping[str, Relation],
    relater: Relater,
    changes: list[Change],
) -> DraftPage:
    """The page with level, tags and a description where it has none: inferred, or left out."""
    if drafted.front.is_house:
        return page
    lines = {section.line for section in page.root.walk()}
    near = [relations[unit.id] for unit in units if unit.line in lines and unit.id in relations]
    body = "\n\n".join(render(section.blocks) for section in page.root.walk())
    level, tags = page.level, page.tags
    if not level:
        guess = relater.level([drafted.title, page.title], near)
        level = guess.level or "" if guess.confidence >= _SURE_LEVEL else ""
        changes.append(_inferred(page, "level", [(level, guess.confidence)] if level else []))
    if not tags:
        likely = [each for each in relater.tags(body, near) if each.confidence >= _SURE_TAG]
        tags = tuple(each.tag for each in likely[:_MAX_TAGS])
        found = [(each.tag, each.confidence) for each in likely[:_MAX_TAGS]]
        changes.append(_inferred(page, "tags", found))
    description = page.description or described(page, drafted.title)
    return dataclasses.replace(page, description=description, level=level, tags=tags)


def _inferred(page: DraftPage, key: str, found: Sequence[tuple[str, float]]) -> Change:
    """What front matter was inferred, and how surely; or that it is left out."""
    line = page.root.line
    if not found:
        message = f"no {key} for {page.name}.md: nothing says it clearly enough"
        return Change("flagged", BY, line, message)
    guesses = ", ".join(f"{name} ({confidence * 100:.0f} %)" for name, confidence in found)
    return Change("inferred", BY, line, f"{key} of {page.name}.md: {guesses}")


def _name(library: Library, path: Path, options: Options) -> str:
    """The name of the document: as asked, or its file's, if no published document has it."""
    return options.name or free(file_slug(path.stem, "document"), _published(library))


def _folder(library: Library, path: Path, options: Options) -> str:
    return options.area or f"{DRAFTS}/{_name(library, path, options)}"


def _taken(library: Library, folder: str) -> frozenset[str]:
    """Ids of questions and items elsewhere in the guide: those of `folder` are replaced."""
    return frozenset(item.id for page in _others(library, folder) for item in page.items)


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
