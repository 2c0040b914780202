"""Topic pages with their sections and questions, and topics that are still planned."""

from __future__ import annotations

from collections.abc import Iterator

from guide.library import Library, Page
from guide.library.anatomy import sections_of
from guide.library.curriculum import Topic
from guide.library.examples import Example
from guide.library.questions import QUIZ_HEADING
from guide.library.words import plain
from guide.search.place import (
    ALIAS,
    BODY,
    HEADING,
    QUESTION,
    SUMMARY,
    TITLE,
    Field,
    Kind,
    Place,
    address,
    own_text,
)

EQUIVALENTS: dict[str, tuple[str, ...]] = {
    "continuous integration": ("ci cd",),
    "csrf": ("xsrf",),
    "n+1": ("n plus one", "n plus 1"),
    "object storage": ("s3", "bucket"),
    "openapi": ("swagger",),
    "signed url": ("presigned url",),
    "two-phase commit": ("2pc",),
}
"""What people call some things that the guide names otherwise."""

PRACTICE = "practice"
"""Folder of the pages that are no topics and are studied all the same."""


def topic_places(library: Library, page: Page) -> Iterator[Place]:
    """The page itself, its sections, its questions and its check-yourself items."""
    area = library.curriculum.area(page.area)
    context = area.title if area else ""
    level = page.topic.level if page.topic else ""
    aliases = page.topic.aliases if page.topic else ()
    url = address(page.path)
    description = page.meta.description if page.meta else ""
    fields = [
        Field(TITLE, page.title),
        Field(TITLE, page.slug),
        *(Field(ALIAS, alias) for alias in aliases),
        Field(SUMMARY, description),
        Field(SUMMARY, plain(page.lead)),
        *(Field(SUMMARY, tag) for tag in (page.topic.tags if page.topic else ())),
        *(Field(SUMMARY, each.about.title) for each in _examples(library, page.slug)),
    ]
    names = (page.title, *page.title.split(":"), *aliases, page.slug)
    yield Place(url, url, page.title, "page", context, level, names, tuple(fields))
    questions = {each.id: each for each in page.questions}
    items = {each.id: each for each in page.quiz}
    for section in page.sections[1:]:
        text = "" if section.id in items else plain(own_text(page, section))
        kind: Kind = "section"
        weight, level_here = HEADING, str(level)
        if section.id in questions:
            kind, weight, level_here = "question", QUESTION, questions[section.id].level
        elif section.id in items:
            kind = "item"
        if section.title == QUIZ_HEADING:
            continue
        is_common = section.title in sections_of(page.slug)
        heading = [] if is_common else [Field(weight, section.title)]
        if not text.strip() and not heading:
            continue
        title = f"{section.title}: {page.title.split(':')[0]}" if is_common else section.title
        yield Place(
            f"{url}#{section.id}",
            url,
            title,
            kind,
            context if is_common else f"{page.title.split(':')[0]} · {context}",
            level_here,
            () if is_common else (section.title,),
            (*heading, Field(BODY, text)),
        )


def _examples(library: Library, slug: str) -> list[Example]:
    """Examples of the topic; steps of the practice project are found by their own pages."""
    return [
        each
        for each in library.examples
        if each.about.topic == slug and not each.folder.startswith(f"{PRACTICE}/")
    ]


def planned_place(library: Library, topic: Topic) -> Place:
    """A topic that the map promises: its entry on the page of its area."""
    area = library.curriculum.area(topic.area)
    url = f"{topic.area}/#{topic.slug}"
    examples = _examples(library, topic.slug)
    said = " ".join((topic.title, topic.summary, *topic.questions)).lower()
    others = [other for name, also in EQUIVALENTS.items() if name in said for other in also]
    fields = (
        Field(TITLE, topic.title),
        Field(TITLE, topic.slug),
        *(Field(HEADING, text) for text in (*topic.questions, *others)),
        Field(SUMMARY, topic.summary),
        *(Field(SUMMARY, each.about.title) for each in examples),
        *(Field(BODY, each.about.proves) for each in examples),
    )
    names = (topic.title, *topic.title.split(":"), topic.slug)
    context = area.title if area else ""
    return Place(url, url, topic.title, "planned", context, topic.level, names, fields)
