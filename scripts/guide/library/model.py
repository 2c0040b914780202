"""The library: everything under docs/, read once, never changed."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from guide.library.allowance import Allowance
from guide.library.curriculum import Curriculum
from guide.library.examples import Example
from guide.library.ledger import Ledger
from guide.library.memo import Memo
from guide.library.page import Page, PageReader
from guide.library.permanence import Redirect
from guide.library.plans import Plan
from guide.library.problem import Problem
from guide.library.site_config import SiteConfig
from guide.library.vocabulary import Tag, Term
from guide.library.yaml_document import YamlDocument


@dataclass(frozen=True)
class Library:
    """All pages and data of a project.

    `pages` are keyed by their path under docs/; `files` are all paths under docs/; `data`
    are the YAML files by their path under the project root; `published` are the lines of the
    manifest of published addresses; `memo` keeps what was computed
    from files that did not change.
    """

    root: Path
    config: SiteConfig
    pages: Mapping[str, Page]
    files: frozenset[str]
    curriculum: Curriculum
    tags: tuple[Tag, ...]
    glossary: tuple[Term, ...]
    ledger: Ledger
    examples: tuple[Example, ...]
    plans: tuple[Plan, ...]
    allowances: tuple[Allowance, ...]
    redirects: tuple[Redirect, ...]
    published: tuple[str, ...]
    problems: tuple[Problem, ...]
    reader: PageReader
    data: Mapping[str, YamlDocument]
    memo: Memo

    def place(self, path: str, *location: str | int) -> tuple[int, int]:
        """Line and column of an entry of the data file `path`, relative to the project root."""
        document = self.data.get(path)
        return document.place(location) if document else (1, 1)

    @cached_property
    def topic_pages(self) -> tuple[Page, ...]:
        """Written topic pages in the order of the map; unmapped ones follow by path."""
        order = {topic.path: index for index, topic in enumerate(self.curriculum.topics)}
        pages = [page for page in self.pages.values() if page.kind == "topic"]
        return tuple(sorted(pages, key=lambda page: (order.get(page.path, len(order)), page.path)))

    @cached_property
    def topics_by_area(self) -> Mapping[str, tuple[Page, ...]]:
        """The written topic pages of each area of the map, in its order."""
        pages: dict[str, list[Page]] = {area.id: [] for area in self.curriculum.areas}
        for page in self.topic_pages:
            pages.setdefault(page.area, []).append(page)
        return {area: tuple(found) for area, found in pages.items()}

    @property
    def study_pages(self) -> tuple[Page, ...]:
        """Topic pages, and drafts that want to become one: all that hold questions.

        For rules only: what is published is derived from `topic_pages`.
        """
        return (*self.topic_pages, *self.drafts)

    @property
    def drafts(self) -> tuple[Page, ...]:
        """Pages that are shown while serving and published nowhere."""
        return tuple(page for page in self.pages.values() if not page.is_published)

    @property
    def written_pages(self) -> tuple[Page, ...]:
        """Pages that stand in docs/ as files."""
        return tuple(page for page in self.pages.values() if page.kind != "generated")

    def page_of(self, slug: str) -> Page | None:
        """Return the written page of the topic `slug`, or None while it is planned or a draft."""
        topic = self.curriculum.by_slug.get(slug)
        page = self.pages.get(topic.path) if topic else None
        return page if page is not None and page.is_published else None

    def extended(self, pages: Mapping[str, Page], problems: tuple[Problem, ...]) -> Library:
        """Return a library with more pages and problems."""
        return dataclasses.replace(
            self, pages={**self.pages, **pages}, problems=self.problems + problems
        )
