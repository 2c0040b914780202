"""A rule: a name, a promise and a function that finds where the promise is broken."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from guide.checks.finding import Finding
from guide.library import Library, Page
from guide.library.page import PageReader


@dataclass(frozen=True, slots=True)
class PageRule:
    """A check of one page by itself. `id` is stable; `summary` completes "every page ...".

    It sees nothing but the page and what the page includes, so its findings are kept until one
    of those changes. `strict_on_drafts` is False where a draft may still lack what is asked.
    """

    id: str
    summary: str
    check: Callable[[Page, PageReader], Iterable[Finding]]
    strict_on_drafts: bool = True


@dataclass(frozen=True, slots=True)
class LibraryRule:
    """A check of pages against each other and against the data files.

    A rule that `needs_data` is left out while a data file cannot be read: everything would look
    wrong to it.
    """

    id: str
    summary: str
    check: Callable[[Library], Iterable[Finding]]
    needs_data: bool = True
    strict_on_drafts: bool = True


Rule = PageRule | LibraryRule
