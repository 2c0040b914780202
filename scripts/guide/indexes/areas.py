"""The index page of each area: what is written, what is planned."""

from __future__ import annotations

from guide.indexes.example_tabs import tabs
from guide.indexes.markdown_text import escape, items, minutes, page, plural, topic_link
from guide.library import Library, Page
from guide.library.curriculum import Area, Topic
from guide.library.examples import Example


def area_index(library: Library, area: Area) -> str:
    """The index page of `area`."""
    topics = library.curriculum.by_area[area.id]
    written = [(topic, each) for topic in topics if (each := library.page_of(topic.slug))]
    planned = [topic for topic in topics if library.page_of(topic.slug) is None]
    blocks = [escape(area.intro.strip())]
    for heading, are_cases in (("## Written", False), ("## Worked cases", True)):
        shown = [(topic, each) for topic, each in written if topic.is_case is are_cases]
        if shown:
            blocks.append(heading)
        for topic, each in shown:
            blocks += _written(area, topic, each)
    if planned:
        blocks.append("## Planned")
        for topic in planned:
            blocks += _planned(topic)
            for example in library.examples:
                if example.about.topic == topic.slug:
                    blocks += _example(example)
    return page(area.title, _description(area), blocks)


def _written(area: Area, topic: Topic, each: Page) -> list[str]:
    name = topic_link(topic, f"{area.id}/index.md", each)
    facts = [topic.level, minutes(each), plural(len(each.questions), "question")]
    return [f"### {name} {{ #{topic.slug} }}", " · ".join(facts), escape(topic.summary)]


def _planned(topic: Topic) -> list[str]:
    return [
        f"### {escape(topic.title)} {{ #{topic.slug} }}",
        f"{topic.level} · {plural(len(topic.questions), 'question')}",
        escape(topic.summary),
        "/// details | Questions it will answer",
        items(escape(question) for question in topic.questions),
        "///",
    ]


def _example(example: Example) -> list[str]:
    """An example that is ahead of its page. No heading: its address would move to that page."""
    about = example.about
    return [f"**{escape(about.title)}.** {escape(about.proves)}", *tabs(example)]


def _description(area: Area) -> str:
    text = f"{area.title}: {area.summary}"
    return text if len(text) <= 200 else text[:197].rsplit(" ", 1)[0] + "..."
