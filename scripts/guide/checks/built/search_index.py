"""The search index that the theme loads: where each of its entries leads."""

from __future__ import annotations

import json

SEARCH_INDEX = "search/search_index.json"


class SearchIndexError(ValueError):
    """The index cannot be read; `line` is where, from 1."""

    def __init__(self, message: str, line: int = 1) -> None:
        super().__init__(message)
        self.line = line


def search_locations(text: str) -> tuple[str, ...]:
    """Return the location of every entry, relative to the site; raise SearchIndexError."""
    try:
        index = json.loads(text)
    except json.JSONDecodeError as error:
        raise SearchIndexError(f"the search index is no JSON: {error.msg}", error.lineno) from None
    entries = index.get("docs") if isinstance(index, dict) else None
    if not isinstance(entries, list):
        raise SearchIndexError("the search index has no list `docs`")
    locations = [entry.get("location") if isinstance(entry, dict) else None for entry in entries]
    if not all(isinstance(location, str) for location in locations):
        raise SearchIndexError("an entry of the search index has no location")
    return tuple(str(location) for location in locations)
