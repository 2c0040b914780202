"""Glossary terms are defined once, at home on a topic of the map."""

from __future__ import annotations

from collections.abc import Iterator

from guide.checks.finding import Finding
from guide.checks.rule import LibraryRule
from guide.library import Library, did_you_mean

FILE = "docs/glossary.yml"


def check(library: Library) -> Iterator[Finding]:
    """Report terms defined twice and terms without a home."""
    owners: dict[str, str] = {}
    for index, term in enumerate(library.glossary):
        line, column = library.place(FILE, index)
        for name in (term.term, *term.aliases):
            key = name.lower()
            if key in owners:
                yield Finding(
                    FILE,
                    line,
                    column,
                    RULE.id,
                    f"`{name}` is defined twice",
                    f"also under `{owners[key]}`",
                )
            owners.setdefault(key, term.term)
        if term.topic not in library.curriculum.by_slug:
            yield Finding(
                FILE,
                line,
                column,
                RULE.id,
                f"`{term.term}` is at home on the unknown topic `{term.topic}`",
                did_you_mean(term.topic, library.curriculum.by_slug),
            )


RULE = LibraryRule("glossary", "shares one glossary in which each term stands once", check)
