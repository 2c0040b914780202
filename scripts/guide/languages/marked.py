"""YAML and JSON documents as plain values, with the place of each part.

Scalars mean what YAML 1.2 and JSON mean by them (`on` is a text), keys are texts, and no tag is
obeyed: nothing but dictionaries, lists, texts, numbers, booleans and None is ever made. A plain
key `<<` merges mappings, as in YAML 1.1: Compose, Kubernetes and most tools still do.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import yaml

from guide.languages.yaml_text import LOADER

Value: TypeAlias = "dict[str, Value] | list[Value] | str | int | float | bool | None"
"""What a document holds."""

_LARGEST = 2000
"""Values, aliases counted each time: what a validator reads within a second."""
_TEXT = "tag:yaml.org,2002:str"
_CONSTANTS: dict[str, Value] = {"": None, "~": None, "null": None, "true": True, "false": False}
_INTEGER = re.compile(r"[-+]?[0-9]{1,300}")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")


class TooLargeError(Exception):
    """The documents hold more values than are worth checking."""


@dataclass(frozen=True, slots=True)
class Document:
    """The value of a document and the tree that it was read from."""

    value: Value
    root: yaml.Node

    def place(self, path: Sequence[str | int], key: str | None = None) -> tuple[int, int]:
        """Return the line and column (from 1) of the entry at a path, or of a key below it.

        An entry of a mapping is where its key is. Where the path leads nowhere, the last part
        that there is.
        """
        node, mark = self.root, self.root.start_mark
        for step in [*path, *([] if key is None else [key])]:
            found = _step(node, step)
            if found is None:
                break
            node, mark = found
        return mark.line + 1, mark.column + 1


def read(code: str) -> tuple[Document, ...]:
    """Read the documents of a stream, whose places all count from its start.

    The text must be well-formed. Raises TooLargeError if it holds too much.
    """
    reader = _Reader()
    try:
        roots = tuple(yaml.compose_all(code, Loader=LOADER))
    except yaml.YAMLError:
        return ()
    return tuple(Document(reader.value(root), root) for root in roots)


def _step(node: yaml.Node, step: str | int) -> tuple[yaml.Node, yaml.Mark] | None:
    """Return the node one step below another, and where its entry begins."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if _key(key) == step:
                return value, key.start_mark
    elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        return node.value[step], node.value[step].start_mark
    return None


def _key(node: yaml.Node) -> str:
    """Return the text of a key; a collection, which is a key in YAML only, has a stand-in."""
    return str(node.value) if isinstance(node, yaml.ScalarNode) else "[…]"


class _Reader:
    """Makes values and counts them."""

    def __init__(self) -> None:
        self._count = 0

    def value(self, node: yaml.Node) -> Value:
        """Return what a node means. Raises TooLargeError."""
        self._count += 1
        if self._count > _LARGEST:
            raise TooLargeError
        if isinstance(node, yaml.MappingNode):
            merged: dict[str, Value] = {}
            for key, value in node.value:
                if is_merge(key):
                    merged = {**self._merged(value), **merged}
            own = {_key(key): self.value(value) for key, value in node.value if not is_merge(key)}
            return {**merged, **own}
        if isinstance(node, yaml.SequenceNode):
            return [self.value(each) for each in node.value]
        assert isinstance(node, yaml.ScalarNode), "there is no other kind"
        return _scalar(node)

    def _merged(self, node: yaml.Node) -> dict[str, Value]:
        """Return what a merge key brings in: of mappings in a list, the first one counts."""
        sources = node.value if isinstance(node, yaml.SequenceNode) else [node]
        merged: dict[str, Value] = {}
        for source in sources:
            value = self.value(source)
            if isinstance(value, dict):
                merged = {**value, **merged}
        return merged


def is_merge(key: yaml.Node) -> bool:
    """Return whether a key of a mapping merges other mappings into it."""
    return isinstance(key, yaml.ScalarNode) and not key.style and key.value == "<<"


def _scalar(node: yaml.ScalarNode) -> Value:
    text = str(node.value)
    # A plain scalar has no style, or an empty one.
    if node.style or node.tag == _TEXT:
        return text
    if text.lower() in _CONSTANTS:
        return _CONSTANTS[text.lower()]
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _FLOAT.fullmatch(text) else text
