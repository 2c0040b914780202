"""Judge the answers to readers' queries: where the right links stand among those that came.

A query names every place that answers it: `area/slug` (anywhere on that page) or `area/slug#id`
(only there).
"""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from guide.library.yaml_document import SafeLoader
from workspace import BenchError

KINDS = (
    "title",
    "question",
    "words",
    "alias",
    "term",
    "symbol",
    "status",
    "form",
    "joined",
    "typo",
    "sentence",
)


@dataclass(frozen=True, slots=True)
class Place:
    """A page of the site, like `http/http-methods`, and an id on it; an empty id is the page."""

    page: str
    anchor: str = ""

    @classmethod
    def read(cls, text: str) -> Place:
        """From `area/slug`, `area/slug#id` or an address relative to the site."""
        address = urlsplit(text)
        return cls(address.path.removesuffix("index.html").rstrip("/"), address.fragment)

    def __str__(self) -> str:
        return f"{self.page}{'#' * bool(self.anchor)}{self.anchor}"

    def answered_by(self, link: Place, page_suffices: bool = False) -> bool:
        """Tell whether `link` leads here; if `page_suffices`, to any place on the page."""
        return link.page == self.page and (page_suffices or self.anchor in ("", link.anchor))


@dataclass(frozen=True, slots=True)
class Query:
    """What a reader types, and all places that are a right answer."""

    text: str
    kind: str
    at: tuple[Place, ...]
    line: int = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """The links that a query brought up, in the order of the screen, and how long it took.

    `opened` is where the Enter key leads: Material takes its best score, wherever that stands.
    """

    query: Query
    links: tuple[Place, ...]
    opened: Place | None
    milliseconds: float

    def rank(self, page_suffices: bool = False) -> int | None:
        """Position of the first right link, from 1; None if there is none."""
        for rank, link in enumerate(self.links, 1):
            if self._is_right(link, page_suffices):
                return rank
        return None

    @property
    def opens_right(self) -> bool:
        """Whether the Enter key leads to a right place."""
        return self.opened is not None and self._is_right(self.opened)

    def _is_right(self, link: Place, page_suffices: bool = False) -> bool:
        return any(place.answered_by(link, page_suffices) for place in self.query.at)


@dataclass(frozen=True, slots=True)
class Figures:
    """What a number of answers come to; shares are between 0 and 1."""

    queries: int
    first: int
    first_three: int
    opened: int
    reciprocal_rank: float
    empty: int
    median: float
    percentile_95: float

    @property
    def hit_1(self) -> float:
        """Share of the queries whose first link is right."""
        return self.first / self.queries

    @property
    def hit_3(self) -> float:
        """Share of the queries with a right link among the first three."""
        return self.first_three / self.queries


def read_queries(file: Path) -> tuple[Query, ...]:
    """Read a set of queries; raise BenchError with the line of what is wrong."""
    loader = SafeLoader(file.read_text("utf-8"))
    try:
        root = loader.get_single_node()
        if not isinstance(root, yaml.SequenceNode) or not root.value:
            raise BenchError(f"{file} holds no list of queries")
        return tuple(
            _query(loader.construct_object(node, deep=True), file, node.start_mark.line + 1)
            for node in root.value
        )
    except yaml.YAMLError as error:
        raise BenchError(f"{file} is no YAML: {error}") from error
    finally:
        loader.dispose()


def _query(entry: Any, file: Path, line: int) -> Query:
    def refuse(what: str) -> BenchError:
        return BenchError(f"{file}:{line}: {what}")

    if not isinstance(entry, dict) or set(entry) != {"query", "kind", "at"}:
        raise refuse("an entry has exactly the keys `query`, `kind` and `at`")
    text, kind, at = entry["query"], entry["kind"], entry["at"]
    if not isinstance(text, str) or not text or text != text.strip():
        raise refuse(f"a query is text without blanks around it, in quotes, not {text!r}")
    if kind not in KINDS:
        raise refuse(f"no kind {kind!r}; there are {', '.join(KINDS)}")
    if not isinstance(at, list) or not at or not all(isinstance(each, str) for each in at):
        raise refuse("`at` is a list of at least one place")
    places = tuple(map(Place.read, at))
    if len(set(places)) != len(places):
        raise refuse("`at` names a place twice")
    return Query(text, kind, places, line)


def figures(answers: Sequence[Answer], page_suffices: bool = False) -> Figures:
    """Sum up `answers`, of which there is at least one."""
    ranks = [answer.rank(page_suffices) for answer in answers]
    times = sorted(answer.milliseconds for answer in answers)
    return Figures(
        queries=len(answers),
        first=sum(rank == 1 for rank in ranks),
        first_three=sum(rank is not None and rank <= 3 for rank in ranks),
        opened=sum(answer.opens_right for answer in answers),
        reciprocal_rank=sum(1 / rank for rank in ranks if rank) / len(ranks),
        empty=sum(not answer.links for answer in answers),
        median=statistics.median(times),
        percentile_95=times[-(-95 * len(times) // 100) - 1],
    )


def by_kind(answers: Iterable[Answer]) -> dict[str, list[Answer]]:
    """`answers` by the kind of their query, in the order of KINDS."""
    sorted_ = sorted(answers, key=lambda answer: KINDS.index(answer.query.kind))
    kinds: dict[str, list[Answer]] = {}
    for answer in sorted_:
        kinds.setdefault(answer.query.kind, []).append(answer)
    return kinds


def misses(answers: Iterable[Answer], within: int, page_suffices: bool = False) -> list[str]:
    """A line for each query without a right link among the first `within`: what came instead."""
    return [
        f"{answer.query.text!r} ({answer.query.kind}): "
        f"wanted {' or '.join(map(str, answer.query.at))}, "
        f"{f'which came {rank}.' if rank else 'which did not come'}; "
        f"first came {', '.join(map(str, answer.links[:within])) or 'nothing'}"
        for answer in answers
        if (rank := answer.rank(page_suffices)) is None or rank > within
    ]
