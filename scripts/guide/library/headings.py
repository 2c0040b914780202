"""Headings and their ids, the ids given by Python-Markdown's own toc extension."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import markdown
from markdown.extensions.attr_list import get_attrs

_ATX = re.compile(r"^(?P<marks>#{1,6})(?P<text>(?:\\.|[^\\])*?)#*[ \t]*$")
_ATTRIBUTES = re.compile(r"[ ]+\{:?[ ]*(?P<attributes>[^}\n ][^\n]*?)[ ]*\}[ ]*$")
_BLOCK_ID = re.compile(r"\{:?[^}\n]*#(?P<id>[A-Za-z][\w.:-]*)[^}\n]*\}")
_HTML_ID = re.compile(r"<[A-Za-z][^<>]*?\sid=[\"'](?P<id>[^\"'\s]+)[\"']")


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and the lines it governs, up to the next heading of its level or above.

    `explicit` tells whether the author gave the id; only such ids outlive a rewording.
    """

    level: int
    title: str
    id: str
    explicit: bool
    classes: tuple[str, ...]
    line: int
    end_line: int


class HeadingReader:
    """Reads headings with one converter that has the site's toc settings."""

    def __init__(self, toc_config: Mapping[str, Any]) -> None:
        config = {k: v for k, v in toc_config.items() if k in ("slugify", "separator")}
        self._converter = markdown.Markdown(
            extensions=["toc", "attr_list"], extension_configs={"toc": config}
        )

    def read(self, prose: str, first_line: int) -> tuple[Section, ...]:
        """Find the sections of `prose`, a text with fences blanked out."""
        lines = prose.split("\n")
        headings = list(_headings(lines))
        titles_and_ids = self._render([text for _, _, text in headings], headings)
        sections = []
        for position, (level, index, text) in enumerate(headings):
            end = next(
                (other for lvl, other, _ in headings[position + 1 :] if lvl <= level), len(lines)
            )
            attributes = _attributes(text)
            title, anchor = titles_and_ids[position]
            sections.append(
                Section(
                    level=level,
                    title=title,
                    id=anchor,
                    explicit=any(key == "id" for key, _ in attributes),
                    classes=tuple(value for key, value in attributes if key == "."),
                    line=index + first_line,
                    end_line=end + first_line - 1,
                )
            )
        return tuple(sections)

    def _render(
        self, texts: Sequence[str], headings: Sequence[tuple[int, int, str]]
    ) -> list[tuple[str, str]]:
        if not texts:
            return []
        document = "\n\n".join(f"{'#' * level} {text}" for level, _, text in headings)
        self._converter.reset()
        self._converter.convert(document)
        tokens = list(_flatten(self._converter.toc_tokens))  # type: ignore[attr-defined]
        return [(html.unescape(token["name"]), token["id"]) for token in tokens]


def explicit_ids(prose: str, first_line: int) -> dict[str, int]:
    """Ids given by attribute lists or HTML anywhere in `prose`, with their lines."""
    places = list(id_places(prose, first_line))
    return dict(reversed(places))


def id_places(prose: str, first_line: int) -> Iterator[tuple[str, int]]:
    """Yield each id that attribute lists and HTML in `prose` give, with its line."""
    for number, line in enumerate(prose.split("\n"), first_line):
        for pattern in (_BLOCK_ID, _HTML_ID):
            for match in pattern.finditer(line):
                yield match["id"], number


def _headings(lines: Sequence[str]) -> Iterator[tuple[int, int, str]]:
    for index, line in enumerate(lines):
        match = _ATX.match(line)
        if match and match["text"].strip():
            yield len(match["marks"]), index, match["text"].strip()
        elif _is_setext(lines, index):
            yield 1 if lines[index + 1].startswith("=") else 2, index, line.strip()


def _is_setext(lines: Sequence[str], index: int) -> bool:
    """A setext heading is the first line of a block, underlined by the second."""
    starts_block = index == 0 or not lines[index - 1].strip()
    underline = lines[index + 1] if index + 1 < len(lines) else ""
    return (
        starts_block
        and bool(lines[index].strip())
        and not lines[index].startswith((" ", "\t", "|", ">", "-"))
        and re.fullmatch(r"(=+|-+) *", underline) is not None
    )


def _attributes(text: str) -> list[tuple[str, str]]:
    match = _ATTRIBUTES.search(text)
    return list(get_attrs(match["attributes"])) if match else []


def _flatten(tokens: Sequence[Any]) -> Iterator[Any]:
    for token in tokens:
        yield token
        yield from _flatten(token["children"])
