"""YAML 1.1, one document or several, read as events: nothing is constructed, so nothing can run.

Tags of any kind are accepted: they belong to the program that reads the document.
Fragments: whatever is a document by itself, at any uniform indentation.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import yaml

from guide.languages.problem import SyntaxProblem, at_end, at_offset, offset_of

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""Read with this one: it is the fastest there is, and safe."""
_TABS = "indent with spaces: YAML does not allow tabs there"


def verify(language: str, code: str) -> tuple[SyntaxProblem, ...]:
    """Return the first syntax problem, else keys that repeat and aliases without an anchor."""
    try:
        return tuple(_second_look(code))
    except yaml.MarkedYAMLError as error:
        return (_explain(code, error),)
    except yaml.reader.ReaderError as error:
        return (at_offset(code, error.position, "this character is not allowed in YAML"),)


def _explain(code: str, error: yaml.MarkedYAMLError) -> SyntaxProblem:
    mark = error.problem_mark or error.context_mark
    message = error.problem or error.context or "this is not YAML"
    if mark is None:
        return SyntaxProblem(1, 1, message)
    offset = offset_of(code, mark.line + 1, mark.column + 1)
    hint = None
    if error.context_mark is not None and error.context and "next token" not in error.context:
        hint = f"{error.context} that starts on line {error.context_mark.line + 1}"
    if "\t" in code[offset : offset + 1]:
        hint = _TABS
    elif message.startswith("mapping values are not allowed"):
        message, hint = "a second `: ` in one value", "quote the value, or check the indentation"
    if offset >= len(code.rstrip()):
        return at_end(code, message, hint)
    return at_offset(code, offset, message, hint)


@dataclass(slots=True)
class _Collection:
    """A collection whose end has not been reached."""

    is_mapping: bool
    keys: dict[str, int] = field(default_factory=dict)
    """The line of each scalar key so far."""
    key_is_next: bool = True


def _second_look(code: str) -> Iterator[SyntaxProblem]:
    """Walk the events and yield what is well-formed but wrong. Raises YAMLError."""
    anchors: set[str] = set()
    open_collections: list[_Collection] = []
    for event in yaml.parse(code, Loader=LOADER):
        if isinstance(event, yaml.DocumentStartEvent):
            anchors.clear()
        elif isinstance(event, yaml.CollectionEndEvent):
            open_collections.pop()
        elif isinstance(event, yaml.NodeEvent):
            mark = event.start_mark
            assert mark is not None, "parsed events have marks"
            if isinstance(event, yaml.AliasEvent):
                if event.anchor not in anchors:
                    message = f"the anchor `&{event.anchor}` is not defined before this"
                    yield SyntaxProblem(mark.line + 1, mark.column + 1, message)
            elif event.anchor:
                anchors.add(event.anchor)
            parent = open_collections[-1] if open_collections else None
            if parent is not None and parent.is_mapping:
                if parent.key_is_next and isinstance(event, yaml.ScalarEvent):
                    if event.value in parent.keys:
                        message = f"the key `{event.value}` occurs twice in this mapping"
                        hint = f"first on line {parent.keys[event.value]}"
                        yield SyntaxProblem(mark.line + 1, mark.column + 1, message, hint)
                    parent.keys.setdefault(event.value, mark.line + 1)
                parent.key_is_next = not parent.key_is_next
            if isinstance(event, yaml.CollectionStartEvent):
                open_collections.append(_Collection(isinstance(event, yaml.MappingStartEvent)))
