"""What the guide says about each topic, as stems: the texts that units are compared with.

Only the guide itself speaks here: map, pages, glossary. The ledger of the source documents is
left out on purpose, because it is what proposals are measured against.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from guide.intake.relating.stems import pairs, stems, subject
from guide.library import Library, Page
from guide.library.anatomy import FURTHER_READING, sections_of
from guide.library.curriculum import Topic
from guide.library.memo import digest
from guide.library.questions import QUESTIONS_HEADING, QUIZ_HEADING
from guide.library.vocabulary import Term
from guide.library.words import plain

_NO_PLACES = (QUESTIONS_HEADING, QUIZ_HEADING, FURTHER_READING)
"""Sections that treat nothing themselves."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A section or question of a page: where it is, what it is called, what it says.

    `title` has all stems of its heading, `subject` those that say what it is about.
    """

    anchor: str
    title: tuple[str, ...]
    subject: tuple[str, ...]
    body: Mapping[str, int]
    is_question: bool


@dataclass(frozen=True, slots=True)
class TopicText:
    """Stems and pairs of stems of a topic, counted by field; its names; its passages."""

    slug: str
    fields: Mapping[str, Mapping[str, int]]
    names: tuple[tuple[str, ...], ...]
    passages: tuple[Passage, ...]


@dataclass(frozen=True, slots=True)
class _PageText:
    headings: Mapping[str, int]
    questions: Mapping[str, int]
    summary: Mapping[str, int]
    body: Mapping[str, int]
    code: Mapping[str, int]
    passages: tuple[Passage, ...]


def topic_texts(library: Library) -> tuple[TopicText, ...]:
    """The texts of all topics of the map, in its order."""
    terms: dict[str, list[Term]] = {}
    for term in library.glossary:
        terms.setdefault(term.topic, []).append(term)
    return tuple(
        _topic_text(library, topic, terms.get(topic.slug, ()))
        for topic in library.curriculum.topics
    )


def counted(text: str) -> Counter[str]:
    """Stems and pairs of stems of plain text with how often each stands there."""
    counts: Counter[str] = Counter()
    for line in text.splitlines():
        found = tuple(stems(line))
        counts.update(found)
        counts.update(pairs(found))
    return counts


def _topic_text(library: Library, topic: Topic, terms: Sequence[Term]) -> TopicText:
    page = library.pages.get(topic.path)
    on_page = _PageText({}, {}, {}, {}, {}, ())
    if page is not None and page.kind == "topic":
        key = digest(page.key, page.path)
        on_page = library.memo.get("topic-text", key, partial(_page_text, page))
    about = page.topic if page else None
    aliases, tags = (about.aliases, about.tags) if about else ((), ())
    summary = Counter(on_page.summary)
    for text in (topic.summary, *tags, *(term.definition for term in terms)):
        summary += counted(text)
    questions = Counter(on_page.questions)
    for text in topic.questions:
        questions += counted(text)
    called = (topic.title, topic.slug, *aliases)
    term_names = [tuple(stems(name)) for term in terms for name in (term.term, *term.aliases)]
    names = [subject(name) for name in (*called, *topic.title.split(":"))]
    return TopicText(
        slug=topic.slug,
        fields={
            "name": _most(counted(name) for name in called),
            "question": questions,
            "heading": on_page.headings,
            "term": Counter(each for name in term_names for each in (*name, *pairs(name))),
            "summary": summary,
            "body": on_page.body,
            "code": on_page.code,
        },
        names=tuple(dict.fromkeys(name for name in (*names, *term_names) if name)),
        passages=on_page.passages,
    )


def _page_text(page: Page) -> _PageText:
    headings: Counter[str] = Counter()
    questions: Counter[str] = Counter()
    for section in page.sections[1:]:
        if section.title not in sections_of(page.slug):
            headings += counted(section.title)
    for item in page.questions:
        questions += counted(item.text)
        for follow_up in item.follow_ups:
            questions += counted(follow_up.question)
    code = "\n".join(fence.code for fence in page.fences)
    description = page.meta.description if page.meta else ""
    return _PageText(
        headings=headings,
        questions=questions,
        summary=counted(f"{description}\n{plain(page.lead)}"),
        body={
            key: count
            for key, count in counted(plain(page.text)).items()
            if count > 1 or " " not in key
        },
        code=Counter(each for line in code.splitlines() for each in stems(line)),
        passages=tuple(_passages(page)),
    )


def _passages(page: Page) -> Iterator[Passage]:
    """All sections that treat something, but for the check-yourself items."""
    lines = page.text.split("\n")
    questions = {each.id for each in page.questions}
    items = {each.id for each in page.quiz}
    sections = page.sections[1:]
    ends = [*(section.line for section in sections[1:]), page.body_line + len(lines)]
    for section, end in zip(sections, ends, strict=False):
        if section.id in items or section.title in _NO_PLACES:
            continue
        own = lines[section.line - page.body_line + 1 : end - page.body_line]
        heading = "" if section.title in sections_of(page.slug) else section.title
        yield Passage(
            anchor=section.id,
            title=tuple(stems(heading)),
            subject=subject(heading),
            body=Counter(stems(plain("\n".join(own)))),
            is_question=section.id in questions,
        )


def _most(all_counts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    """The highest count of each: a word is not said more because several names have it."""
    found: dict[str, int] = {}
    for counts in all_counts:
        for key, count in counts.items():
            found[key] = max(found.get(key, 0), count)
    return found
