"""A rule: a name, a promise and a function from the library to findings."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from guide.checks.finding import Finding
from guide.library import Library


@dataclass(frozen=True, slots=True)
class Rule:
    """A check of the sources. `id` is stable; `summary` completes "every page ...".

    A rule that `needs_data` compares pages with the data files and is left out while one of
    those cannot be read: everything would look wrong to it.
    """

    id: str
    summary: str
    check: Callable[[Library], Iterable[Finding]]
    needs_data: bool = True
