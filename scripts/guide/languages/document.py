"""YAML and JSON; and those documents among them whose schema is known, held to it.

A document with `openapi` and a version at its top is OpenAPI, YAML with `on` and `jobs` is a GitHub
workflow. Fragments: whatever is YAML or JSON by itself; a part of a document of a known kind
lacks what it is known by.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Protocol

from guide.languages import json_text, yaml_text
from guide.languages.problem import SyntaxProblem

if TYPE_CHECKING:
    from guide.languages.marked import Document, Value

_OPENAPI = re.compile(r"""\bopenapi["']?\s*+:\s*["']?\d""")
_WORKFLOW = (
    re.compile(r"""^[ ]*["']?on["']?[ ]*:""", re.MULTILINE),
    re.compile(r"""^[ ]*["']?jobs["']?[ ]*:""", re.MULTILINE),
)


class _Kind(Protocol):
    """What a module offers that knows one kind of document."""

    def is_one(self, value: Value) -> bool:
        """Return whether a document is of this kind."""

    def problems(self, document: Document) -> tuple[SyntaxProblem, ...]:
        """Return what is wrong with a document of this kind first, if anything."""


def verify(language: str, code: str) -> tuple[SyntaxProblem, ...]:
    """Return the problems of the syntax; if none, the first thing that the schema refuses."""
    is_json = language == "json" or (language == "openapi" and code.lstrip().startswith("{"))
    syntax = json_text.verify("json", code) if is_json else yaml_text.verify("yaml", code)
    if syntax:
        return syntax
    may_be_openapi = language == "openapi" or _OPENAPI.search(code) is not None
    may_be_workflow = language == "github-workflow" or (
        language == "yaml" and all(pattern.search(code) for pattern in _WORKFLOW)
    )
    if not (may_be_openapi or may_be_workflow):
        return ()
    return _verify_kind(language, code)


def _verify_kind(language: str, code: str) -> tuple[SyntaxProblem, ...]:
    # Loaded only for pages that hold such a document.
    from guide.languages import github_workflow, marked, openapi

    kinds: dict[str, _Kind] = {"openapi": openapi, "github-workflow": github_workflow}
    try:
        # JSON may be indented with tabs, YAML may not; a tab is never part of a JSON value.
        document = marked.read(code.replace("\t", " "))
    except marked.TooLargeError:
        return (SyntaxProblem(1, 1, "the document is too large to be checked", "shorten it"),)
    if language in kinds:
        if document is None:
            return (SyntaxProblem(1, 1, "one document a block", "split the block"),)
        return kinds[language].problems(document)
    for kind in kinds.values():
        if document is not None and kind.is_one(document.value):
            return kind.problems(document)
    return ()
