"""What the theme shows around a topic page, computed from the library."""

from __future__ import annotations

from dataclasses import dataclass

from guide.library import Library, Page


@dataclass(frozen=True, slots=True)
class Reference:
    """A titled link; `url` is relative to the site's root, `written` is False if planned.

    `id` is that of a source unit, empty for anything else.
    """

    title: str
    url: str
    written: bool = True
    id: str = ""


@dataclass(frozen=True, slots=True)
class TopicContext:
    """Level, neighbours and origins of a topic page; what a draft does not say is empty."""

    slug: str
    draft: bool
    level: str
    minutes: int
    reviewed: str
    aliases: tuple[str, ...]
    prerequisites: tuple[Reference, ...]
    related: tuple[Reference, ...]
    tags: tuple[Reference, ...]
    area: Reference | None
    units: tuple[Reference, ...]
    edit_url: str


def topic_context(library: Library, page: Page, edit_url: str) -> TopicContext | None:
    """Describe `page` for the theme; None if it is no valid topic page or draft."""
    meta, area = page.study, library.curriculum.area(page.area)
    if meta is None:
        return None
    ledger = library.ledger.published
    tag_titles = {tag.id: tag.title for tag in library.tags}
    documents = {document.id: document.slug for document in ledger.documents}
    return TopicContext(
        slug=page.slug if page.topic else "",
        draft=not page.is_published,
        level=meta.level or "",
        minutes=page.minutes,
        reviewed=page.topic.reviewed.isoformat() if page.topic else "",
        aliases=meta.aliases,
        prerequisites=tuple(_topic(library, slug) for slug in meta.prerequisites),
        related=tuple(_topic(library, slug) for slug in meta.related),
        tags=tuple(
            Reference(tag_titles.get(tag, tag), f"topics/by-tag/#{tag}") for tag in meta.tags
        ),
        area=Reference(area.title, f"{area.id}/") if area else None,
        units=tuple(
            Reference(unit.title, f"sources/{documents[unit.document]}/", id=unit.id)
            for unit in ledger.units_at(page.path.removesuffix(".md"))
            if unit.document in documents
        ),
        edit_url=edit_url,
    )


def _topic(library: Library, slug: str) -> Reference:
    topic = library.curriculum.by_slug.get(slug)
    if topic is None:
        return Reference(slug, "", written=False)
    if library.page_of(slug) is None:
        return Reference(topic.title, f"{topic.area}/#{slug}", written=False)
    return Reference(topic.title, f"{topic.area}/{slug}/")
