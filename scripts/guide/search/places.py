"""Everything that can be found: pages, sections, questions, terms, and planned topics."""

from __future__ import annotations

from collections.abc import Iterator

from guide.library import Library, Page
from guide.search.place import BODY, HEADING, SUMMARY, Field, Place, address, own_text
from guide.search.terms import term_places
from guide.search.topics import planned_place, topic_places
from guide.search.words import plain


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
        if page.kind == "page" and not excluded:
            yield from _other(page)


def _other(page: Page) -> Iterator[Place]:
    """The home page and those about the guide."""
    url = address(page.path)
    context = "About this guide"
    description = page.meta.description if page.meta else ""
    fields = (Field(HEADING, page.title), Field(SUMMARY, description))
    yield Place(url, url, page.title, "about", context, "", (page.title,), fields)
    for section in page.sections[1:]:
        text = plain(own_text(page, section))
        yield Place(
            f"{url}#{section.id}",
            url,
            section.title,
            "about",
            f"{page.title} · {context}",
            "",
            (),
            (Field(SUMMARY, section.title), Field(BODY, text)),
        )
