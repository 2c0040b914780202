"""Pages and the map (docs/topics.yml) say the same: title, level, order and questions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from guide.checks.finding import Finding
from guide.checks.rule import LibraryRule
from guide.library import Library, Page, did_you_mean
from guide.library.curriculum import Topic
from guide.library.examples import DESCRIPTION_FILE
from guide.library.questions import QUESTIONS_HEADING

MAP = "docs/topics.yml"


def check(library: Library) -> Iterator[Finding]:
    """Report pages that the map does not know or describes differently, and a broken map."""
    yield from _map(library)
    yield from _examples(library)
    for page in library.topic_pages:
        topic = library.curriculum.by_slug.get(page.slug)
        if topic is None or topic.path != page.path:
            yield Finding(
                page.file,
                1,
                1,
                RULE.id,
                f"the map has no topic `{page.path.removesuffix('.md')}`",
                did_you_mean(page.slug, library.curriculum.by_slug) or f"add it to {MAP}",
            )
        elif page.topic is not None:
            yield from _page(page, topic)


def _page(page: Page, topic: Topic) -> Iterator[Finding]:
    meta = page.topic
    if meta is None:
        return
    for key, here, there in (
        ("title", meta.title, topic.title),
        ("level", meta.level, topic.level),
        ("prerequisites", list(meta.prerequisites), list(topic.prerequisites)),
        ("related", list(meta.related), list(topic.related)),
    ):
        if here != there:
            yield Finding(
                page.file,
                page.head_line(key),
                1,
                RULE.id,
                f"`{key}` is {here!r}; the map says {there!r}",
                f"make the page and {MAP} agree",
            )
    asked = [question.text for question in page.questions]
    for index, text in enumerate(topic.questions):
        if text not in asked:
            yield Finding(
                page.file,
                _missing_line(page, topic.questions[:index]),
                1,
                RULE.id,
                f"the map's question `{text}` is not answered",
                did_you_mean(text, asked) or "add it under `## Interview questions`",
            )
    for question in page.questions:
        if question.text not in topic.questions:
            yield Finding(
                page.file,
                question.line,
                1,
                RULE.id,
                f"the map does not list the question `{question.text}`",
                did_you_mean(question.text, topic.questions) or f"add it to {MAP}",
            )


def _missing_line(page: Page, before: Sequence[str]) -> int:
    """Where a question is missing: after the last of those `before` it that is there."""
    lines = [section.end_line for section in page.sections if section.title in before]
    places = (each.line for each in page.sections if each.title == QUESTIONS_HEADING)
    return lines[-1] if lines else next(places, page.body_line)


def _examples(library: Library) -> Iterator[Finding]:
    known = library.curriculum.by_slug
    for example in library.examples:
        if example.about.topic not in known:
            path = f"docs/{example.folder}/{DESCRIPTION_FILE}"
            line, column = library.place(path, "topic")
            message = f"this example is about the unknown topic `{example.about.topic}`"
            hint = did_you_mean(example.about.topic, known)
            yield Finding(path, line, column, RULE.id, message, hint)


def _map(library: Library) -> Iterator[Finding]:
    known = library.curriculum.by_slug
    areas = {area.id for area in library.curriculum.areas}
    slugs: set[str] = set()
    for index, topic in enumerate(library.curriculum.topics):
        line, column = library.place(MAP, "topics", index)
        wrong = []
        if topic.slug in slugs:
            wrong.append((f"the topic `{topic.slug}` is listed twice", "keep one"))
        slugs.add(topic.slug)
        if topic.area not in areas:
            hint = did_you_mean(topic.area, areas)
            wrong.append((f"`{topic.slug}` is in the unknown area `{topic.area}`", hint))
        for other in (*topic.prerequisites, *topic.related):
            if other not in known:
                hint = did_you_mean(other, known)
                wrong.append((f"`{topic.slug}` names the unknown topic `{other}`", hint))
        for message, hint in wrong:
            yield Finding(MAP, line, column, RULE.id, message, hint)
    for cycle in _cycles(known):
        line, column = library.place(MAP, "topics", list(known).index(cycle[0]))
        yield Finding(
            MAP,
            line,
            column,
            RULE.id,
            f"prerequisites form a circle: {' -> '.join(cycle)}",
            "cut it at its weakest prerequisite",
        )


def _cycles(topics: dict[str, Topic]) -> Iterator[list[str]]:
    done: set[str] = set()

    def visit(slug: str, trail: list[str]) -> Iterator[list[str]]:
        if slug in trail:
            yield [*trail[trail.index(slug) :], slug]
            return
        if slug in done or slug not in topics:
            return
        for other in topics[slug].prerequisites:
            yield from visit(other, [*trail, slug])
        done.add(slug)

    for slug in topics:
        yield from visit(slug, [])


RULE = LibraryRule("map-agreement", "agrees with the map of topics", check)
