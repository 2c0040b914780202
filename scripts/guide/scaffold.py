"""`guide new topic`: a page skeleton that passes every check, filled from the map."""

from __future__ import annotations

import json
import re
from pathlib import Path

from guide.dates import newest
from guide.indexes.example_tabs import tabs
from guide.library import Library, did_you_mean
from guide.library.anatomy import CODE_HEADING, OPTIONAL, sections_of
from guide.library.curriculum import Topic
from guide.library.questions import QUESTIONS_HEADING, QUIZ_HEADING
from guide.library.site_config import CONFIG_FILE
from guide.library.writing import write_text
from guide.normalizing.nav_text import NavTextError, with_page

_SMALL_WORDS = frozenset(
    """
    a an and are as at be by can do does for from how in is it of on or the to what when which
    who why with you your
    """.split()
)


class ScaffoldError(Exception):
    """Why no page was written; the message says what to do."""


def new_topic(library: Library, name: str) -> Path:
    """Write the page `name` (`area/slug`) and its navigation entry; return its path.

    Raises ScaffoldError if the map has no such topic or the page exists.
    """
    topics = {topic.path.removesuffix(".md"): topic for topic in library.curriculum.topics}
    topic = topics.get(name.removesuffix(".md"))
    if topic is None:
        near = did_you_mean(name, topics)
        hint = f"; {near}" if near else ""
        raise ScaffoldError(f"the map has no topic `{name}`{hint}. Add it to docs/topics.yml first")
    page = library.root / "docs" / topic.path
    if page.exists():
        raise ScaffoldError(f"docs/{topic.path} exists already; it was left as it is")
    page.parent.mkdir(parents=True, exist_ok=True)
    write_text(page, _skeleton(library, topic))
    _add_to_nav(library, topic)
    return page


def _skeleton(library: Library, topic: Topic) -> str:
    tag = library.tags[0].id if library.tags else "http"
    tag = next((each.id for each in library.tags if each.id == topic.area), tag)
    quoted = json.dumps(topic.summary[:200], ensure_ascii=False)
    head = [
        "---",
        f"title: {json.dumps(topic.title, ensure_ascii=False)}",
        f"description: {quoted}",
        f"level: {topic.level}",
        f"tags: [{tag}]",
        "aliases: []",
        f"prerequisites: [{', '.join(topic.prerequisites)}]",
        f"related: [{', '.join(topic.related)}]",
        f"reviewed: {newest(library).isoformat()}",
        "---",
    ]
    blocks = [f"# {topic.title}", topic.summary]
    taken = _taken_ids(library)
    examples = [each for each in library.examples if each.about.topic == topic.slug]
    for title in sections_of(topic.slug):
        if title in OPTIONAL and not (title == CODE_HEADING and examples):
            continue
        blocks.append(f"## {title}")
        if title == QUESTIONS_HEADING:
            for text in topic.questions:
                blocks += _question(text, topic.level, _new_id(text, topic.slug, taken))
        elif title == CODE_HEADING:
            for example in examples:  # until now the area's index showed them
                blocks += [example.about.proves, *tabs(example)]
        elif title == QUIZ_HEADING:
            for number in ("first", "second"):
                blocks += _quiz_item(f"{topic.slug}-check-{number}", number)
        else:
            blocks.append("To be written.")
    return "\n".join(head) + "\n\n" + "\n\n".join(blocks) + "\n"


def _question(text: str, level: str, identifier: str) -> list[str]:
    return [
        f"### {text} {{ #{identifier} .{level} }}",
        "**In 30 seconds.** To be written.",
        "**In depth.** To be written.",
        "**Follow-ups.**",
        "1. **To be written?** With its answer.",
        "**Listen for.**",
        "- **Must:** to be written\n- **Bonus:** to be written\n- **Red flag:** to be written",
    ]


def _quiz_item(identifier: str, number: str) -> list[str]:
    return [
        f"### To be written, {number} item {{ #{identifier} }}",
        "- [ ] A wrong option\n    - The misconception behind it.\n"
        "- [x] The right option\n    - Why it is right.",
    ]


def _taken_ids(library: Library) -> set[str]:
    return {item.id for page in library.topic_pages for item in page.items}


def _new_id(text: str, slug: str, taken: set[str]) -> str:
    """A short kebab-case id from the words that carry the question's meaning."""
    words = re.findall(r"[a-z0-9]+", text.lower())
    telling = [word for word in words if word not in _SMALL_WORDS][:4] or words[:4]
    identifier = "-".join(telling)
    if not identifier[:1].isalpha() or identifier in taken:
        identifier = f"{slug}-{identifier}"
    while identifier in taken:
        identifier += "-more"
    taken.add(identifier)
    return identifier


def _add_to_nav(library: Library, topic: Topic) -> None:
    """Add the page after the last page of its area; the rest of mkdocs.yml stays as it is."""
    file = library.root / CONFIG_FILE
    try:
        text = with_page(file.read_text(encoding="utf-8"), topic.area, topic.path)
    except NavTextError as error:
        raise ScaffoldError(f"docs/{topic.path} was written, but {error}") from error
    write_text(file, text)
