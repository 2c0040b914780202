"""Places that a search can lead to: pages, sections, questions, terms, and planned topics."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from guide.indexes.glossary import term_id
from guide.library import Library, Page
from guide.library.curriculum import Topic
from guide.library.examples import Example
from guide.library.headings import Section
from guide.library.questions import QUIZ_HEADING
from guide.library.vocabulary import Term
from guide.search.words import STOP_WORDS, plain, words

Kind = Literal["page", "question", "section", "item", "term", "planned", "about"]

TITLE, QUESTION, ALIAS, HEADING, TERM, SUMMARY, BODY = 12, 10, 11, 7, 6, 3, 1
"""How much a word of each field says about its place."""
COMMON_HEADINGS = frozenset(
    (
        "The problem",
        "How it works",
        "In code",
        "Trade-offs",
        "Pitfalls",
        "Interview questions",
        "Check yourself",
        "Further reading",
    )
)
"""Every topic page has these: their words say nothing about the page."""


@dataclass(frozen=True, slots=True)
class Field:
    """Some text of a place and how much its words say."""

    weight: int
    text: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where a result leads: `url` relative to the site's root, with its anchor.

    `phrases` are its names: a query that is one of them means this place.
    """

    url: str
    page: str
    title: str
    kind: Kind
    context: str
    level: str
    phrases: tuple[str, ...]
    fields: tuple[Field, ...]


def places(library: Library) -> Iterator[Place]:
    """Everything that can be found, page by page."""
    for page in library.topic_pages:
        yield from _topic(library, page)
    for area in library.curriculum.areas:
        for topic in library.curriculum.by_area[area.id]:
            if library.page_of(topic.slug) is None:
                yield _planned(library, topic)
    yield from _terms(library)
    for page in library.pages.values():
        excluded = page.meta is not None and (page.meta.search or {}).get("exclude")
        if page.kind == "page" and not excluded:
            yield from _other(page)


EQUIVALENTS: dict[str, tuple[str, ...]] = {
    "continuous integration": ("ci cd",),
    "csrf": ("xsrf",),
    "kubernetes": ("k8s",),
    "n+1": ("n plus one", "n plus 1"),
    "object storage": ("s3", "bucket"),
    "openapi": ("swagger",),
    "postgresql": ("postgres",),
    "signed url": ("presigned url",),
    "two-phase commit": ("2pc",),
}
"""What people call some things that the guide names otherwise."""


def address(path: str) -> str:
    """Address of a page on the site: `http/http-methods.md` is `http/http-methods/`."""
    folder, name = posixpath.split(path.removesuffix(".md"))
    if name == "index":
        return f"{folder}/" if folder else ""
    return f"{folder}/{name}/" if folder else f"{name}/"


def _topic(library: Library, page: Page) -> Iterator[Place]:
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
        text = "" if section.id in items else plain(_own_text(page, section))
        kind: Kind = "section"
        weight, level_here = HEADING, str(level)
        if section.id in questions:
            kind, weight, level_here = "question", QUESTION, questions[section.id].level
        elif section.id in items:
            kind = "item"
        if section.title == QUIZ_HEADING:
            continue
        is_common = section.title in COMMON_HEADINGS
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


def _own_text(page: Page, section: Section) -> str:
    """The text under a heading, up to the next one of any level."""
    following = [each.line for each in page.sections if each.line > section.line]
    end = min([*following, section.end_line + 1])
    lines = page.text.split("\n")
    return "\n".join(lines[section.line - page.body_line + 1 : end - page.body_line])


def _examples(library: Library, slug: str) -> list[Example]:
    return [each for each in library.examples if each.about.topic == slug]


def _planned(library: Library, topic: Topic) -> Place:
    area = library.curriculum.area(topic.area)
    url = f"{topic.area}/#{topic.slug}"
    examples = _examples(library, topic.slug)
    fields = (
        Field(TITLE, topic.title),
        Field(TITLE, topic.slug),
        *(Field(HEADING, question) for question in topic.questions),
        Field(SUMMARY, topic.summary),
        *(Field(SUMMARY, each.about.title) for each in examples),
        *(Field(BODY, each.about.proves) for each in examples),
    )
    names = (topic.title, *topic.title.split(":"), topic.slug)
    said = " ".join((topic.title, topic.summary, *topic.questions)).lower()
    others = (EQUIVALENTS[name] for name in EQUIVALENTS if name in said)
    also = [Field(HEADING, other) for each in others for other in each]
    fields = (*fields, *also)
    context = area.title if area else ""
    return Place(url, url, topic.title, "planned", context, topic.level, names, fields)


def _terms(library: Library) -> Iterator[Place]:
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
        if section.title not in (*COMMON_HEADINGS,) and section.id not in _item_ids(page)
    ]
    texts = {section.id: _own_text(page, section) for section in sections}
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


def _other(page: Page) -> Iterator[Place]:
    """The home page and those about the guide."""
    url = address(page.path)
    context = "About this guide"
    description = page.meta.description if page.meta else ""
    fields = (Field(HEADING, page.title), Field(SUMMARY, description))
    yield Place(url, url, page.title, "about", context, "", (page.title,), fields)
    for section in page.sections[1:]:
        text = plain(_own_text(page, section))
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
