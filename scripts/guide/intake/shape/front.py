"""The front matter of a document: what the guide can use, and a note of the rest."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from guide.intake.model import Change, Document
from guide.intake.shape.levels import level_of
from guide.library.front_matter import KEYS, LEVELS
from guide.library.yaml_document import YamlError, parse_yaml

BY = "front matter"
_TAG_KEYS = ("tags", "keywords", "categories", "topics")
_PLAIN = re.compile(r"[^<>\[\]{}*`|\n]+")


@dataclass(frozen=True, slots=True)
class Front:
    """What a document says about itself; `house` is its YAML if it is a page of the guide."""

    title: str = ""
    description: str = ""
    level: str = ""
    tags: tuple[str, ...] = ()
    house: str = ""

    @property
    def is_house(self) -> bool:
        """Whether the document is a page of the guide already, which keeps its front matter."""
        return bool(self.house)


def read_front(document: Document, tags: Iterable[str]) -> tuple[Front, Document]:
    """Read the front matter and note what is not used; `tags` are the ids that the guide knows."""
    text = document.source.front
    if text is None:
        return Front(), document
    try:
        data = parse_yaml(document.source.name, text, BY).data
    except YamlError as error:
        message = f"front matter that is no valid YAML: {error.problem.message}"
        return Front(), document.noting([Change("removed", BY, 1, message, text)])
    if not isinstance(data, dict):
        message = "front matter that says nothing"
        return Front(), document.noting([Change("removed", BY, 1, message, text)])
    if set(data) <= set(KEYS) and {"title", "description"} <= set(data):
        title = str(data["title"])
        return Front(title, level=level_of(title), house=text.strip("\n")), document
    front = Front(
        title=_line(data.get("title")),
        description=_description(data),
        level=_level(data),
        tags=tuple(_tags(data, frozenset(tags))),
    )
    message = "front matter, into that of the guide"
    return front, document.noting([Change("changed", BY, 1, message, text)])


def _line(value: Any) -> str:
    text = " ".join(str(value).split()) if isinstance(value, str | int | float) else ""
    return text if _PLAIN.fullmatch(text) else re.sub(r"[<>\[\]{}*`|]+", "", text).strip()


def _description(data: Mapping[str, Any]) -> str:
    text = next((_line(data[key]) for key in ("description", "summary") if data.get(key)), "")
    return text if 20 <= len(text) <= 200 and "://" not in text else ""


def _level(data: Mapping[str, Any]) -> str:
    said = _line(data.get("level") or data.get("difficulty"))
    named = said if said in LEVELS else level_of(said)
    return named or level_of(_line(data.get("title")))


def _tags(data: Mapping[str, Any], known: frozenset[str]) -> Iterable[str]:
    said: list[str] = []
    for key in _TAG_KEYS:
        value = data.get(key)
        said += [str(each) for each in value] if isinstance(value, list) else []
        said += re.split(r"[,;]\s*", value) if isinstance(value, str) else []
    ids = (re.sub(r"[\s_]+", "-", each.strip().lower()) for each in said)
    return dict.fromkeys(each for each in ids if each in known)
