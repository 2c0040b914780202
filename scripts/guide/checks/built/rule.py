"""A rule about the built site."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from guide.checks.built.page import BuiltPage
from guide.checks.built.site import BuiltSite
from guide.checks.finding import Finding


@dataclass(frozen=True, slots=True)
class BuiltPageRule:
    """A check of one page by itself. `id` is stable; `summary` completes "every page ...".

    It sees nothing but the HTML of the page, so its findings are kept until that changes.
    """

    id: str
    summary: str
    check: Callable[[BuiltPage], Iterable[Finding]]


@dataclass(frozen=True, slots=True)
class BuiltRule:
    """A check of pages and other files of the built site against each other."""

    id: str
    summary: str
    check: Callable[[BuiltSite], Iterable[Finding]]
