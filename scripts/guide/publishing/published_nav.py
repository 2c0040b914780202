"""The navigation as readers get it: what mkdocs.yml names, without drafts."""

from __future__ import annotations

from collections.abc import Container, Iterator
from typing import Any


def published_nav(nav: list[Any], drafts: Container[str]) -> list[Any]:
    """Return `nav` without the pages `drafts` and without headings that have nothing else.

    `nav` is the value of mkdocs.yml: a list of paths, or of mappings from a title to a path or
    to another such list.
    """
    return list(_kept(nav, drafts))


def _kept(entries: list[Any], drafts: Container[str]) -> Iterator[Any]:
    for entry in entries:
        if isinstance(entry, dict):
            titled = {title: _value(value, drafts) for title, value in entry.items()}
            entry = {title: value for title, value in titled.items() if value is not None}
            if entry:
                yield entry
        elif _value(entry, drafts) is not None:
            yield entry


def _value(value: Any, drafts: Container[str]) -> Any:
    """What is left of a path or of the list under a heading; None if nothing is."""
    if isinstance(value, list):
        return list(_kept(value, drafts)) or (None if value else value)
    return None if value in drafts else value
