"""Entries of `nav` in the text of mkdocs.yml: added and taken out line by line.

Everything else of the file stays as it is, comments included, because people keep it in order.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Sequence

import yaml

from guide.library.site_config import CONFIG_FILE
from guide.library.yaml_document import compose
from guide.library.yaml_scalar import scalar

DRAFTS_HEADING = "Drafts"
_STEP = 4
"""Columns from the dash of a heading to the dashes of its entries."""


class NavTextError(Exception):
    """Why the navigation could not be changed; the message says what to do."""


def with_page(text: str, area: str, path: str) -> str:
    """Add the page `path` to mkdocs.yml's `text`, after the last page of the folder `area`.

    A page that is named already stays where it is. Raises NavTextError if no page of the area is
    named.
    """
    entries = list(_entries(_nav(text)))
    if any(entry.value == path for entry in entries):
        return text
    siblings = [entry for entry in entries if entry.value.rpartition("/")[0] == area]
    if not siblings:
        raise NavTextError(
            f"{CONFIG_FILE} has no entry of the area `{area}` to put `{path}` after; "
            "add it to `nav` yourself"
        )
    line = max(entry.start_mark.line for entry in siblings)
    indent = re.match(r"\s*", text.split("\n")[line])
    return _inserted(text, line + 1, [f"{indent[0] if indent else ''}- {scalar(path)}"])


def with_draft(text: str, document: str, pages: Sequence[tuple[str | None, str]]) -> str:
    """Name `pages` (title or None, path) at the end of the list `Drafts: > document:`, in order.

    Headings that are missing are added at the end of the navigation. Pages that are named
    already stay where they are. Raises NavTextError if mkdocs.yml's `text` has no list `nav`.
    """
    here = _nav(text)
    named = {entry.value for entry in _entries(here)}
    lines = [_entry(title, path) for title, path in pages if path not in named]
    if not lines:
        return text
    missing = [DRAFTS_HEADING, document]
    while missing and (found := _under(here, missing[0])) is not None:
        here = found
        missing.pop(0)
    for heading in reversed(missing):
        lines = [f"- {scalar(heading)}:", *(f"{' ' * _STEP}{line}" for line in lines)]
    indent = " " * here.start_mark.column
    return _inserted(text, _last_line(here) + 1, [f"{indent}{line}" for line in lines])


def without(text: str, paths: Container[str]) -> str:
    """Take the entries of `paths` out of mkdocs.yml's `text`, and headings that are left empty.

    Raises NavTextError if one of them stands in a list between brackets.
    """
    gone = {line for item in _nav(text).value for line in _gone(item, paths)}
    return "\n".join(line for number, line in enumerate(text.split("\n")) if number not in gone)


def _nav(text: str) -> yaml.SequenceNode:
    root = compose(text)
    for key, value in root.value if isinstance(root, yaml.MappingNode) else ():
        if key.value == "nav" and isinstance(value, yaml.SequenceNode) and not value.flow_style:
            return value
    raise NavTextError(f"{CONFIG_FILE} has no list `nav` with one entry a line")


def _entries(node: yaml.Node) -> Iterator[yaml.ScalarNode]:
    """The paths in `node`, in their order."""
    if isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _entries(item)
    elif isinstance(node, yaml.MappingNode):
        for _, value in node.value:
            yield from _entries(value)
    elif isinstance(node, yaml.ScalarNode):
        yield node


def _under(node: yaml.SequenceNode, heading: str) -> yaml.SequenceNode | None:
    """The list under `heading`, if `node` has one that can be added to."""
    for item in node.value:
        for key, value in item.value if isinstance(item, yaml.MappingNode) else ():
            is_list = isinstance(value, yaml.SequenceNode) and not value.flow_style
            if key.value == heading and is_list:
                found: yaml.SequenceNode = value
                return found
    return None


def _entry(title: str | None, path: str) -> str:
    return f"- {scalar(path)}" if title is None else f"- {scalar(title)}: {scalar(path)}"


def _last_line(node: yaml.Node) -> int:
    """Line of the last value in `node`; its own end comes after comments and blank lines."""
    if isinstance(node, yaml.MappingNode) and not node.flow_style:
        return max(_last_line(value) for _, value in node.value)
    if isinstance(node, yaml.SequenceNode) and not node.flow_style:
        return max(map(_last_line, node.value))
    last: int = node.end_mark.line
    return last


def _gone(item: yaml.Node, paths: Container[str]) -> Iterator[int]:
    """Lines of the entry `item`, or of parts of it, that go with `paths`."""
    entries = list(_entries(item))
    if not any(entry.value in paths for entry in entries):
        return
    if all(entry.value in paths for entry in entries):
        yield from _lines(item)
    elif isinstance(item, yaml.CollectionNode) and item.flow_style:
        raise NavTextError(
            f"line {item.start_mark.line + 1} of {CONFIG_FILE} names several pages; "
            "write one a line, or change it yourself"
        )
    elif isinstance(item, yaml.MappingNode):
        for _, value in item.value:
            yield from _gone(value, paths)
    else:
        for each in item.value:
            yield from _gone(each, paths)


def _lines(node: yaml.Node) -> Iterator[int]:
    """Lines that hold a word of `node`: comments between them stay."""
    if isinstance(node, yaml.MappingNode):
        for pair in node.value:
            for each in pair:
                yield from _lines(each)
    elif isinstance(node, yaml.SequenceNode) and not node.flow_style:
        for each in node.value:
            yield from _lines(each)
    else:
        yield from range(node.start_mark.line, node.end_mark.line + 1)


def _inserted(text: str, line: int, new: Sequence[str]) -> str:
    lines = text.split("\n")
    return "\n".join([*lines[:line], *new, *lines[line:]])
