"""All interview questions of the guide."""

from __future__ import annotations

from guide.indexes.markdown_text import escape, items, link, page, plural
from guide.library import Library

PATH = "questions.md"


def question_index(library: Library) -> str:
    """Every written question under its area and topic, each a link to its answer."""
    total = sum(len(each.questions) for each in library.topic_pages)
    planned = sum(len(topic.questions) for topic in library.curriculum.topics) - total
    more = f", {planned:,} more planned on the map" if planned else ""
    blocks = [f"{plural(total, 'question')} answered{more}."]
    for area in library.curriculum.areas:
        pages = library.topics_by_area[area.id]
        if pages:
            blocks.append(f"## {escape(area.title)} {{ #{area.id} }}")
        for each in pages:
            blocks += [
                f"### {link(each.title, PATH, each.path)} {{ #{each.slug} }}",
                items(
                    f"{link(question.text, PATH, f'{each.path}#{question.id}')} · {question.level}"
                    for question in each.questions
                ),
            ]
    return page("Interview questions", "Every question the guide answers, by area.", blocks)
