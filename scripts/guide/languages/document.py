"""YAML and JSON; and those documents among them whose schema is known, held to it.

`_KINDS` says by what a kind is known. Fragments: whatever is YAML or JSON by itself; a part of a
document of a known kind lacks what it is known by.
"""

from __future__ import annotations

import importlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, cast

from guide.languages import json_text, yaml_text
from guide.languages.problem import SyntaxProblem

if TYPE_CHECKING:
    from guide.languages.marked import Document, Value


class _Kind(Protocol):
    """What a module offers that knows one kind of document."""

    def is_one(self, value: Value) -> bool:
        """Return whether a document is of this kind."""

    def problems(self, document: Document) -> tuple[SyntaxProblem, ...]:
        """Return what is wrong with a document of this kind, if anything."""


@dataclass(frozen=True, slots=True)
class _Known:
    """A kind, the module that knows it, and a look at the text that spares loading the module."""

    module: str
    signs: tuple[re.Pattern[str], ...]
    """What the text of such a document holds; the module has the last word."""
    name: str | None = None
    """The language that a fence may name to say that it must be one."""
    is_ever_json: bool = False

    def is_possible(self, language: str, code: str) -> bool:
        """Return whether a text may be such a document."""
        if language == self.name:
            return True
        takes = language == "yaml" or (language == "json" and self.is_ever_json)
        return takes and all(sign.search(code) for sign in self.signs)


def _key(name: str) -> re.Pattern[str]:
    return re.compile(rf"""\b{name}["']?[ ]*+:""")


_KINDS = (
    _Known(
        "openapi",
        (re.compile(r"""\bopenapi["']?\s*+:\s*["']?\d"""),),
        name="openapi",
        is_ever_json=True,
    ),
    _Known(
        "github_workflow",
        (
            re.compile(r"""^[ ]*["']?on["']?[ ]*:""", re.MULTILINE),
            re.compile(r"""^[ ]*["']?jobs["']?[ ]*:""", re.MULTILINE),
        ),
        name="github-workflow",
    ),
    _Known("kubernetes", (_key("apiVersion"), _key("kind"))),
    _Known("compose", (_key("services"), _key("(?:image|build)"))),
    _Known("otel_collector", (_key("service"), _key("pipelines"))),
    _Known("otel_sdk", (_key("file_format"),)),
    _Known("prometheus_rules", (_key("groups"), _key("rules"))),
)


def verify(language: str, code: str) -> tuple[SyntaxProblem, ...]:
    """Return the problems of the syntax; if none, what the schema of each document refuses."""
    is_json = language == "json" or (language == "openapi" and code.lstrip().startswith("{"))
    syntax = json_text.verify("json", code) if is_json else yaml_text.verify("yaml", code)
    if syntax:
        return syntax
    known = [each for each in _KINDS if each.is_possible(language, code)]
    return _verify_kinds(known, language, code) if known else ()


def _verify_kinds(known: list[_Known], language: str, code: str) -> tuple[SyntaxProblem, ...]:
    # Loaded only for pages that hold such a document.
    from guide.languages import marked

    kinds = [_load(each) for each in known]
    try:
        # JSON may be indented with tabs, YAML may not; a tab is never part of a JSON value.
        documents = marked.read(code.replace("\t", " "))
    except marked.TooLargeError:
        return (SyntaxProblem(1, 1, "the document is too large to be checked", "shorten it"),)
    if known[0].name == language:
        if len(documents) != 1:
            return (SyntaxProblem(1, 1, "one document a block", "split the block"),)
        return kinds[0].problems(documents[0])
    found: list[SyntaxProblem] = []
    for document in documents:
        kind = next((each for each in kinds if each.is_one(document.value)), None)
        found += kind.problems(document) if kind is not None else ()
    return tuple(found)


def _load(known: _Known) -> _Kind:
    return cast(_Kind, importlib.import_module(f"guide.languages.{known.module}"))
