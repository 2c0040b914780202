"""A rule about the built site."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from guide.checks.built.site import BuiltSite
from guide.checks.finding import Finding


@dataclass(frozen=True, slots=True)
class BuiltRule:
    """A check of the built HTML. `id` is stable; `summary` completes "every page ..."."""

    id: str
    summary: str
    check: Callable[[BuiltSite], Iterable[Finding]]
