"""The glossary page."""

from __future__ import annotations

import re

from guide.indexes.markdown_text import by_letter, escape, link, page, plural
from guide.library import Library
from guide.library.vocabulary import Term

PATH = "glossary.md"


def glossary_page(library: Library) -> str:
    """Every term with its definition and the page that is its home."""
    blocks = [f"{plural(len(library.glossary), 'term')}, each linked to the page that explains it."]
    for heading, terms in by_letter(
        {each.term: _entry(library, each) for each in library.glossary}
    ):
        blocks += [heading, *terms]
    return page("Glossary", "The terms of backend engineering that the guide defines.", blocks)


def _entry(library: Library, term: Term) -> str:
    home = library.page_of(term.topic)
    where = f" See {link(home.title, PATH, home.path)}." if home else ""
    also = f" Also: {escape(', '.join(term.aliases))}." if term.aliases else ""
    return (
        f"{escape(term.term)} {{ #{term_id(term.term)} }}\n"
        f":   {escape(term.definition.strip())}{also}{where}"
    )


def term_id(term: str) -> str:
    """Anchor of a term on the glossary page."""
    return "term-" + re.sub(r"[^a-z0-9]+", "-", term.lower()).strip("-")
