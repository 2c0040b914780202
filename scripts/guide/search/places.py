"""Everything that can be found: pages, sections, questions, terms, and planned topics."""

from __future__ import annotations

from collections.abc import Iterator

from guide.library import Library, Page
from guide.library.words import plain
from guide.search.place import BODY, HEADING, SUMMARY, Field, Kind, Place, address, own_text
from guide.search.terms import term_places
from guide.search.topics import PRACTICE, planned_place, topic_places


def places(library: Library) -> Iterator[Place]:
    """Everything that can be found, page by page."""
    for page in library.topic_pages:
        yield from topic_places(library, page)
    for area in library.curriculum.areas:
        for topic in library.curriculum.by_area[area.id]:
            if library.page_of(topic.slug) is None:
                yield planned_place(library, topic)
    yield from term_places(library)
    for page in library.pages.values():
        excluded = page.meta is not None and (page.meta.search or {}).get("exclude")
        if page.kind in ("page", "generated") and not excluded:
            yield from _other(page)


_CONTEXTS = {"plans": "Study plans", PRACTICE: "Practice", "sheets": "Cheat sheets"}
_WHOLE = ("plans", "sheets")
"""Found as whole pages only: topics hold what their sections repeat."""


def _other(page: Page) -> Iterator[Place]:
    """The home page and those about the guide; those for practice count like topics."""
    url = address(page.path)
    folder = page.path.partition("/")[0]
    context = _CONTEXTS.get(folder, "About this guide")
    is_studied = folder in _CONTEXTS
    description = page.meta.description if page.meta else ""
    fields = (Field(HEADING, page.title), Field(SUMMARY, description))
    kind: Kind = "page" if is_studied else "about"
    yield Place(url, url, page.title, kind, context, "", tuple(_names(page.title)), fields)
    for section in page.sections[1:] if folder not in _WHOLE else ():
        text = plain(own_text(page, section))
        yield Place(
            f"{url}#{section.id}",
            url,
            section.title,
            "section" if is_studied else "about",
            f"{page.title} · {context}",
            "",
            (),
            (Field(HEADING if is_studied else SUMMARY, section.title), Field(BODY, text)),
        )


def _names(title: str) -> Iterator[str]:
    """A title, and the other way round where it has two parts: `headers cheat sheet`."""
    yield title
    first, _, second = title.partition(": ")
    if second:
        yield f"{second} {first}"
