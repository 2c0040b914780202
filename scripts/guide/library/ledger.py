"""The source documents: their units, where the guide covers each, and what was wrong in them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Literal

import pydantic
from pydantic import ConfigDict, Field

UnitId = Annotated[str, Field(pattern=r"^s\d+-[\w-]+$")]


class _Model(pydantic.BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class Document(_Model):
    """One of the documents the guide grew from, or, as a draft, one on its way in."""

    id: int
    slug: str
    title: str
    description: str
    draft: bool = False


class Unit(_Model):
    """A question, section, list, code block, table or diagram of a source document.

    `topics` are empty while nobody has said where it belongs.
    """

    id: UnitId
    kind: Literal["question", "section", "bullet", "code", "table", "list", "diagram"]
    title: str
    lang: str | None = None
    parent: str | None = None
    topics: tuple[str, ...] = ()
    errata: tuple[str, ...] = ()

    @property
    def document(self) -> int:
        """Number of the document the unit stands in, from its id (`s2-q17` -> 2)."""
        return int(self.id[1 : self.id.index("-")])

    @property
    def home(self) -> str:
        """Slug of the topic that treats it first of all; empty if nobody has said."""
        return self.topics[0] if self.topics else ""


class Coverage(_Model):
    """Where the guide treats a unit: `area/slug#anchor`, main home first."""

    unit: str
    at: tuple[str, ...]


class Erratum(_Model):
    """Something wrong or outdated in a source document, and what is right."""

    id: str
    units: tuple[str, ...] = Field(min_length=1)
    category: str
    severity: Literal["high", "medium", "low"]
    topics: tuple[str, ...] = Field(min_length=1)
    said: str
    correct: str
    reference: str = ""
    checked: str
    confidence: str | None = None
    at: str | None = None


@dataclass(frozen=True)
class Ledger:
    """Everything known about the sources."""

    documents: tuple[Document, ...] = ()
    units: tuple[Unit, ...] = ()
    coverage: tuple[Coverage, ...] = ()
    errata: tuple[Erratum, ...] = ()

    @cached_property
    def drafts(self) -> frozenset[int]:
        """Numbers of the documents that wait for review."""
        return frozenset(document.id for document in self.documents if document.draft)

    @cached_property
    def published(self) -> Ledger:
        """The ledger without documents that wait for review: what pages and figures are made of."""
        hidden = {unit.id for unit in self.units if unit.document in self.drafts}
        return Ledger(
            documents=tuple(each for each in self.documents if not each.draft),
            units=tuple(each for each in self.units if each.id not in hidden),
            coverage=tuple(each for each in self.coverage if each.unit not in hidden),
            errata=tuple(each for each in self.errata if each.units[0] not in hidden),
        )

    @cached_property
    def places(self) -> dict[str, tuple[str, ...]]:
        """Where each covered unit is treated."""
        return {entry.unit: entry.at for entry in self.coverage}

    @cached_property
    def parents(self) -> dict[str, str | None]:
        """The unit that each unit is part of, if any."""
        return {unit.id: unit.parent for unit in self.units}

    def is_covered(self, unit: Unit) -> bool:
        """Whether the unit's main home treats it; elsewhere it may be treated in part."""
        places = self.places.get(unit.id, ())
        return any(_slug(place) == unit.home for place in places)

    def document_of(self, erratum: str) -> int | None:
        """Number of the document in which the erratum with this id was found."""
        return self._documents.get(erratum)

    @cached_property
    def _documents(self) -> dict[str, int]:
        units = {unit.id: unit.document for unit in self.units}
        return {each.id: units[each.units[0]] for each in self.errata if each.units[0] in units}

    def units_at(self, page: str) -> tuple[Unit, ...]:
        """Units treated on `page` (`area/slug`), in source order."""
        return self._by_page.get(page, ())

    @cached_property
    def _by_page(self) -> dict[str, tuple[Unit, ...]]:
        found: dict[str, dict[str, Unit]] = {}
        for unit in self.units:
            for place in self.places.get(unit.id, ()):
                found.setdefault(place.partition("#")[0], {})[unit.id] = unit
        return {page: tuple(units.values()) for page, units in found.items()}


def _slug(place: str) -> str:
    return place.partition("#")[0].rpartition("/")[2]
