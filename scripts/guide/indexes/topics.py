"""Topics by area, A to Z, by level and by tag."""

from __future__ import annotations

from guide.indexes.markdown_text import by_letter, escape, items, link, page, plural, topic_line
from guide.library import Library
from guide.library.front_matter import LEVELS

BY_AREA, A_TO_Z, BY_LEVEL, BY_TAG = (
    f"topics/{name}.md" for name in ("index", "a-z", "by-level", "by-tag")
)
_LEVEL_MEANING = {
    "foundation": "A junior engineer must explain these.",
    "core": "Expected in every backend interview from mid-level on.",
    "advanced": "Senior and staff depth.",
}


def by_area(library: Library) -> str:
    """All topics under their areas."""
    planned = any(library.page_of(topic.slug) is None for topic in library.curriculum.topics)
    more = " Planned topics are listed with what they will cover." if planned else ""
    blocks = [f"The whole map in reading order.{more}"]
    for area in library.curriculum.areas:
        topics = library.curriculum.by_area[area.id]
        blocks += [
            f"## {link(area.title, BY_AREA, f'{area.id}/index.md')} {{ #{area.id} }}",
            escape(area.summary),
            items(topic_line(BY_AREA, topic, library.page_of(topic.slug)) for topic in topics),
        ]
    return page("Topics by area", "Every topic of the guide under its area, in order.", blocks)


def a_to_z(library: Library) -> str:
    """All topics and their aliases in alphabetical order."""
    entries: dict[str, str] = {}
    for topic in library.curriculum.topics:
        written = library.page_of(topic.slug)
        if written is None:
            entries[topic.title] = f"{escape(topic.title)} · planned"
            continue
        entries[topic.title] = link(topic.title, A_TO_Z, written.path)
        for alias in written.topic.aliases if written.topic else ():
            see = link(topic.title, A_TO_Z, written.path)
            entries.setdefault(alias, f"{escape(alias)}: see {see}")
    blocks = ["Titles and the other names that people use for them."]
    for heading, lines in by_letter(entries):
        blocks += [heading, items(lines)]
    return page("Topics A to Z", "Every topic by its title and its other names.", blocks)


def by_level(library: Library) -> str:
    """All topics under foundation, core and advanced."""
    blocks = ["Levels say who is expected to answer, not how hard the text is."]
    for level in LEVELS:
        topics = [topic for topic in library.curriculum.topics if topic.level == level]
        blocks += [
            f"## {level.capitalize()} {{ #{level} }}",
            _LEVEL_MEANING[level],
            items(topic_line(BY_LEVEL, topic, library.page_of(topic.slug)) for topic in topics),
        ]
    return page("Topics by level", "Foundation, core and advanced topics of the guide.", blocks)


def by_tag(library: Library) -> str:
    """Written topics under each tag in use."""
    blocks = ["Tags cut across areas. Only tags in use are shown."]
    for tag in library.tags:
        pages = [each for each in library.topic_pages if each.topic and tag.id in each.topic.tags]
        if pages:
            blocks += [
                f"## {tag.title} {{ #{tag.id} }}",
                f"{escape(tag.description)} {plural(len(pages), 'page')}.",
                items(link(each.title, BY_TAG, each.path) for each in pages),
            ]
    return page("Topics by tag", "Written topics of the guide under each tag.", blocks)
