"""Small pieces of Markdown that the generated pages are made of."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping

from guide.library import Page
from guide.library.curriculum import Topic
from guide.library.masking import mask_inline_code

_SPECIAL = re.compile(r"([\\`*_\[\]<>])")
_LINK = re.compile(r"(?<!!)\[([^\[\]]*(?:\[[^\[\]]*\][^\[\]]*)*)\]\([^()]*(?:\([^()]*\)[^()]*)*\)")


def page(
    title: str,
    description: str,
    blocks: Iterable[str],
    *,
    searched: bool = False,
    kind: str = "",
    tool: str = "",
) -> str:
    """A whole generated page; most repeat what others say and stay out of the search index.

    `kind` is a class of the title that stylesheets know the page by, `tool` what runs on it.
    """
    head = [
        "---",
        f"title: {json.dumps(title, ensure_ascii=False)}",
        f"description: {json.dumps(description, ensure_ascii=False)}",
        *(() if searched else ("search:", "  exclude: true")),
        *((f"tool: {tool}",) if tool else ()),
        "---",
    ]
    heading = f"# {title} {{ .{kind} }}" if kind else f"# {title}"
    return "\n".join(head) + "\n\n" + "\n\n".join([heading, *blocks]) + "\n"


def escape(text: str) -> str:
    """Make `text` show as it is, not as Markdown."""
    return _SPECIAL.sub(r"\\\1", text)


def link(text: str, origin: str, target: str) -> str:
    """A link from the page `origin` to `target`, both paths relative to docs/."""
    path, _, anchor = target.partition("#")
    relative = posixpath.relpath(path, posixpath.dirname(origin) or ".")
    return f"[{escape(text)}]({relative}{'#' + anchor if anchor else ''})"


def named_link(text: str, more: str, origin: str, target: str) -> str:
    """A link that is heard as `text: more`, where others on the page have the same words."""
    name = escape(f"{text}: {more}").replace('"', "'")  # it stands in quotes
    return f'{link(text, origin, target)}{{ aria-label="{name}" }}'


def topic_link(topic: Topic, origin: str, page: Page) -> str:
    """A link to a topic's page; the class tells scripts where to say how far the reader is."""
    return f"{link(topic.title, origin, page.path)}{{ .topic-link }}"


def by_letter(entries: Mapping[str, str]) -> Iterator[tuple[str, list[str]]]:
    """Entries in alphabetical order of their names, in groups that have the initial as heading."""
    groups: dict[str, list[str]] = {}
    for name in sorted(entries, key=str.casefold):
        initial = name[0].upper() if name[0].isalpha() else "0-9"
        groups.setdefault(initial, []).append(entries[name])
    for initial, group in groups.items():
        yield f"## {initial} {{ #letter-{initial.lower()} }}", group


def items(lines: Iterable[str]) -> str:
    """A bullet list."""
    return "\n".join(f"- {line}" for line in lines)


def numbered(lines: Iterable[str]) -> str:
    """A numbered list."""
    return "\n".join(f"{number}. {line}" for number, line in enumerate(lines, start=1))


def unlinked(markdown: str) -> str:
    """`markdown` with the words of its links in their place: paper has no links."""
    masked = mask_inline_code(markdown)
    for match in reversed(list(_LINK.finditer(masked))):
        words = markdown[slice(*match.span(1))]
        markdown = markdown[: match.start()] + words + markdown[match.end() :]
    return markdown


def plural(number: int, noun: str) -> str:
    """`1 question`, `2 questions`, `1,024 questions`."""
    if number == 1:
        return f"1 {noun}"
    return f"{number:,} {re.sub('(?<![aeou])y$', 'ie', noun)}s"


def minutes(page: Page) -> str:
    """Reading time as readers see it."""
    return f"{page.minutes} min"


def duration(minutes: int) -> str:
    """`45 min`, `1 h`, `1 h 30 min`."""
    hours, rest = divmod(minutes, 60)
    parts = [f"{hours} h"] * (hours > 0) + [f"{rest} min"] * (rest > 0)
    return " ".join(parts)


def topic_line(origin: str, topic: Topic, page: Page | None) -> str:
    """One line about a topic: a link with level and reading time, or what is planned."""
    if page is None:
        return f"{escape(topic.title)} · {topic.level} · planned. {escape(topic.summary)}"
    name = topic_link(topic, origin, page)
    return f"{name} · {topic.level} · {minutes(page)}. {escape(topic.summary)}"
