"""What the normalizer did with one document: everything that the reports in text are made of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from guide.intake.model import Block, Change, Document, DraftPage, Section, Unit
from guide.intake.relating.relations import Relation
from guide.intake.reporting.conservation import Conservation
from guide.intake.reporting.counts import Counts, count, total
from guide.library.front_matter import split

IN_REPORT = "report"
"""Where a unit is that is on no page."""


@dataclass(frozen=True, slots=True)
class DocumentFacts:
    """The document that was read: `file` is its path as given, `lines` how many it has."""

    name: str
    file: str
    title: str
    sha256: str
    encoding: str
    lines: int


@dataclass(frozen=True, slots=True)
class PageFacts:
    """A page that was made: its path under docs/, its title and what it holds."""

    path: str
    title: str
    counts: Counts


@dataclass(frozen=True, slots=True)
class PlacedUnit:
    """A unit and where it is now: `path#id` of a page, or IN_REPORT when it was dropped."""

    unit: Unit
    at: str
    relation: Relation | None = None

    @property
    def home(self) -> str | None:
        """The topic proposed as its main home, sure or not."""
        return self.relation.homes[0].topic if self.relation and self.relation.homes else None

    @property
    def sure(self) -> bool:
        """Whether the main home is clear enough to need no question mark."""
        return self.relation is not None and self.home is not None and self.relation.sure


@dataclass(frozen=True, slots=True)
class Suppressed:
    """A finding of the guide's checks that was suppressed on a page, and why."""

    rule: str
    page: str
    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class Report:
    """The document, what was made of it, and the proof that nothing is lost."""

    document: DocumentFacts
    pages: tuple[PageFacts, ...]
    source: Counts
    output: Counts
    units: tuple[PlacedUnit, ...]
    changes: tuple[Change, ...]
    suppressions: tuple[Suppressed, ...]
    conservation: Conservation


def make_report(
    *,
    file: str,
    title: str,
    document: Document,
    read: Iterable[Block],
    pages: Mapping[str, DraftPage],
    texts: Mapping[str, str],
    units: Sequence[Unit],
    places: Mapping[str, str | None],
    relations: Mapping[str, Relation],
    suppressions: Sequence[Suppressed],
    conservation: Conservation,
) -> Report:
    """Put the report on `document` together, which was read from `file`.

    `read` are its blocks before any pass changed them.
    `pages` and `texts` are what was made of it, by path under docs/; `places` say where each unit
    stands now (id -> `path#id`), `relations` what each is near to.
    """
    source = document.source
    made = tuple(
        PageFacts(path, page.title, count(split(texts[path]).body, _questions(page.root)))
        for path, page in pages.items()
    )
    return Report(
        document=DocumentFacts(
            name=source.name,
            file=file,
            title=title,
            sha256=source.sha256,
            encoding=source.encoding,
            lines=source.first_line - 1 + len(source.text.splitlines()),
        ),
        pages=made,
        source=count(source.text, _questions(document.root), read),
        output=total(page.counts for page in made),
        units=tuple(
            PlacedUnit(unit, places.get(unit.id) or IN_REPORT, relations.get(unit.id))
            for unit in units
        ),
        changes=document.changes,
        suppressions=tuple(suppressions),
        conservation=conservation,
    )


def _questions(root: Section) -> int:
    return sum(section.role == "question" for section in root.walk())
