"""A place that a search can lead to, and what its fields weigh."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from typing import Literal

from guide.library import Page
from guide.library.headings import Section

Kind = Literal["page", "question", "section", "item", "term", "planned", "about"]

TITLE, QUESTION, ALIAS, HEADING, TERM, SUMMARY, BODY = 12, 10, 11, 7, 6, 3, 1
"""How much a word of each field says about its place."""


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


def address(path: str) -> str:
    """Address of a page on the site: `http/http-methods.md` is `http/http-methods/`."""
    folder, name = posixpath.split(path.removesuffix(".md"))
    if name == "index":
        return f"{folder}/" if folder else ""
    return f"{folder}/{name}/" if folder else f"{name}/"


def own_text(page: Page, section: Section) -> str:
    """The text under a heading, up to the next one of any level."""
    following = [each.line for each in page.sections if each.line > section.line]
    end = min([*following, section.end_line + 1])
    lines = page.text.split("\n")
    return "\n".join(lines[section.line - page.body_line + 1 : end - page.body_line])
