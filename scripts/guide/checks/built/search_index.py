"""The search index that the theme loads: where each of its places leads."""

from __future__ import annotations

import json

SEARCH_INDEX = "search/search_index.json"


class SearchIndexError(ValueError):
    """The index cannot be read; `line` is where, from 1."""

    def __init__(self, message: str, line: int = 1) -> None:
        super().__init__(message)
        self.line = line


def search_locations(text: str) -> tuple[str, ...]:
    """Return the location of every place, relative to the site; raise SearchIndexError."""
    try:
        index = json.loads(text)
    except json.JSONDecodeError as error:
        raise SearchIndexError(f"the search index is no JSON: {error.msg}", error.lineno) from None
    documents = index.get("docs") if isinstance(index, dict) else None
    places = documents.get("places") if isinstance(documents, dict) else None
    if not isinstance(places, list):
        raise SearchIndexError("the search index has no list `docs.places`")
    locations = [place[0] if isinstance(place, list) and place else None for place in places]
    if not all(isinstance(location, str) for location in locations):
        raise SearchIndexError("a place of the search index has no location")
    return tuple(str(location) for location in locations)
