"""Every example is shown on a page: one that nobody sees teaches nobody."""

from __future__ import annotations

from collections.abc import Iterator

from guide.checks.finding import Finding
from guide.checks.rule import LibraryRule
from guide.library import Library
from guide.library.examples import DESCRIPTION_FILE, example_of


def check(library: Library) -> Iterator[Finding]:
    """Report examples that no page includes."""
    shown = {
        example_of(include.path) for page in library.pages.values() for include in page.includes
    }
    for example in library.examples:
        if example.folder not in shown:
            path = f"docs/{example.folder}/{DESCRIPTION_FILE}"
            line, column = library.place(path, "topic")
            page = library.page_of(example.about.topic)
            where = page.file if page else "its area's index"
            hint = f'include a part of it on {where}: --8<-- "{example.folder}/...:show"'
            yield Finding(path, line, column, RULE.id, "no page shows this example", hint)


RULE = LibraryRule("example-shown", "shows its examples: there is none that no page shows", check)
