"""Terms of the glossary: each leads to where its home page treats it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from guide.indexes.glossary import term_id
from guide.library import Library, Page
from guide.library.anatomy import sections_of
from guide.library.vocabulary import Term
from guide.library.words import STOP_WORDS, plain, words
from guide.search.place import BODY, TERM, Field, Place, address, own_text


def term_places(library: Library) -> Iterator[Place]:
    """Terms of the glossary, each where its home page treats it."""
    for term in library.glossary:
        home = library.page_of(term.topic)
        names = (term.term, *term.aliases)
        names = (*names, *(initials for name in names if (initials := _initials(name))))
        fields = (*(Field(TERM, name) for name in names), Field(BODY, term.definition))
        glossary = f"glossary/#{term_id(term.term)}"
        if home is None:
            yield Place(glossary, glossary, term.term, "term", "Glossary", "", names, fields)
            continue
        url, title = address(home.path), home.title.split(":")[0]
        place = f"{url}#{section}" if (section := _section_about(home, term)) else url
        yield Place(place, url, term.term, "term", f"Term · {title}", "", names, fields)


def _section_about(page: Page, term: Term) -> str:
    """The section that names a term in its heading, else the first that explains or says it."""
    names = [" ".join(words(name)) for name in (term.term, *term.aliases)]
    sections = [
        section
        for section in page.sections[1:]
        if section.title not in sections_of(page.slug) and section.id not in _item_ids(page)
    ]
    texts = {section.id: own_text(page, section) for section in sections}
    bold = [f"**{name.lower()}" for name in (term.term, *term.aliases)]
    for found in (
        (each for each in sections if _says(each.title, names)),
        (each for each in sections if any(name in texts[each.id].lower() for name in bold)),
        (each for each in sections if _says(plain(texts[each.id]), names)),
    ):
        section = next(found, None)
        if section is not None:
            return section.id
    return ""


def _item_ids(page: Page) -> set[str]:
    return {each.id for each in page.quiz}


def _says(text: str, names: Sequence[str]) -> bool:
    said = f" {' '.join(words(text))} "
    return any(f" {name} " in said for name in names)


def _initials(name: str) -> str:
    """`rmm` for `Richardson maturity model`; empty for shorter names."""
    parts = [part for part in words(name) if part not in STOP_WORDS]
    parts = [part for part in parts if part.isalpha()][:6]
    return "".join(part[0] for part in parts) if len(parts) > 2 and " " in name.strip() else ""
