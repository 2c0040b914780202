"""Front matter: the typed head of every page."""

from __future__ import annotations

import dataclasses
import datetime
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import pydantic
from pydantic import ConfigDict, Field

from guide.library.problem import Problem, did_you_mean
from guide.library.yaml_document import YamlError, parse_yaml, try_validate

PageKind = Literal["topic", "draft", "page", "generated"]
Level = Literal["foundation", "core", "advanced"]
Tool = Literal["interview", "map", "offline", "placement", "plan", "progress", "review"]
"""What runs on a page: assets/javascripts/learning/<tool>.js with stylesheets/tools/<tool>.css."""
LEVELS: tuple[Level, ...] = ("foundation", "core", "advanced")
RULE = "front-matter"
KEYS = "title description level tags aliases prerequisites related reviewed draft".split()
"""The keys of a topic page in the house order."""
_MISSING = re.compile(r"`(?P<key>[a-z_]+)` is missing")
_KEY = re.compile(r"([a-z_]+):")
_OPENING = "---\n"
_CLOSING = re.compile(r"^(---|\.\.\.)[ \t]*$", re.MULTILINE)


class _Model(pydantic.BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=False, defer_build=True)


class FrontMatter(_Model):
    """What any page may say about itself; home and about pages use only this."""

    title: str = Field(min_length=1)
    description: str = Field(min_length=20, max_length=200)
    reviewed: datetime.date | None = None
    template: str | None = None
    tool: Tool | None = None
    hide: tuple[Literal["navigation", "toc", "path"], ...] = ()
    search: dict[Literal["exclude", "boost"], bool | float] | None = None
    draft: bool = Field(default=False, strict=True)


class DraftFrontMatter(FrontMatter):
    """What a page may say that is to become a topic: nobody has to guess or to have reviewed."""

    level: Level | None = None
    tags: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    prerequisites: tuple[str, ...] = ()
    related: tuple[str, ...] = ()


class TopicFrontMatter(DraftFrontMatter):
    """What a topic page must say: everything indexes, cards and plans are derived from."""

    level: Level
    tags: tuple[str, ...] = Field(min_length=1)
    reviewed: datetime.date


_MODELS: Mapping[PageKind, type[FrontMatter]] = {
    "topic": TopicFrontMatter,
    "draft": DraftFrontMatter,
    "page": FrontMatter,
    "generated": FrontMatter,
}


@dataclass(frozen=True, slots=True)
class Split:
    """A page cut in two: the YAML between the dashes and the body after it."""

    yaml: str | None
    body: str
    body_line: int


def split(text: str) -> Split:
    """Cut the front matter off `text`; `yaml` is None if there is none."""
    if not text.startswith(_OPENING):
        return Split(None, text, 1)
    end = _CLOSING.search(text, len(_OPENING))
    if end is None:
        return Split(None, text, 1)
    body = text[end.end() :].removeprefix("\n")
    head = text[: end.end()] + "\n"
    return Split(text[len(_OPENING) : end.start()], body, head.count("\n") + 1)


def key_lines(source: str | None) -> dict[str, int]:
    """Line of each top-level key, counted in the whole page."""
    lines = (source or "").split("\n")
    keys = ((number, _KEY.match(line)) for number, line in enumerate(lines, 2))
    return {match[1]: number for number, match in keys if match}


def read_front_matter(
    path: str, source: str | None, kind: PageKind, problems: list[Problem]
) -> tuple[PageKind, FrontMatter | None]:
    """Validate the YAML `source` of page `path`; append what is wrong to `problems`.

    `kind` is what the page is by its place; returned is what it is: `draft: true` makes any
    written page a draft, also where the rest of its front matter is wrong.
    """
    if source is None:
        hint = "start the page with `---`, title, description and `---`; see about/contributing"
        problems.append(Problem(path, 1, 1, RULE, "the page has no front matter", hint))
        return kind, None
    try:
        document = parse_yaml(path, source, RULE, first_line=2)
    except YamlError as error:
        problems.append(error.problem)
        return kind, None
    if not isinstance(document.data, dict):
        problems.append(Problem(path, 2, 1, RULE, "the front matter must be `key: value` lines"))
        return kind, None
    if document.data.get("draft") is True and kind != "generated":
        kind = "draft"
    model = _MODELS[kind]
    hinted = _hint_unknown(document.data, model.model_fields)
    found: list[Problem] = []
    meta = try_validate(document, model, RULE, found)
    lines = key_lines(source)
    found = [_placed(problem, lines) for problem in found]
    problems.extend(_with_hints(found, hinted, document.data))
    return kind, meta


def _placed(problem: Problem, lines: dict[str, int]) -> Problem:
    """Put a missing key after the last one that comes before it in the house order."""
    missing = _MISSING.fullmatch(problem.message)
    if missing is None or missing["key"] not in KEYS:
        return problem
    before = [lines[key] for key in KEYS[: KEYS.index(missing["key"])] if key in lines]
    return dataclasses.replace(problem, line=max(before, default=1) + 1)


def _hint_unknown(data: dict[Any, Any], known: Iterable[str]) -> dict[str, str]:
    names = list(known)
    return {str(key): did_you_mean(str(key), names) for key in data if key not in names}


def _with_hints(
    problems: list[Problem], unknown: dict[str, str], data: dict[Any, Any]
) -> Iterable[Problem]:
    for problem in problems:
        hint = problem.hint
        for key, suggestion in unknown.items():
            if problem.message == f"unknown key `{key}`":
                hint = (
                    suggestion or "remove it; see about/contributing for the keys a page may have"
                )
        if problem.message.startswith("`level`"):
            hint = did_you_mean(str(data.get("level")), LEVELS) or f"one of {', '.join(LEVELS)}"
        yield Problem(problem.path, problem.line, problem.column, RULE, problem.message, hint)
