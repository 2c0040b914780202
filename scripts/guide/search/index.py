"""The search index as the browser loads it: small, and ready to be asked.

{"places": [[url, title, kind, context, level, page], ...],   context, level, page: numbers
 "strings": [...],                                            what those numbers mean
 "phrases": {"put vs patch": [place, ...]},
 "words": "allow cache ...",                                  sorted
 "named": [[place, weight, place, weight, ...], ...],         for each word, where it is in a
                                                              name or heading; and
 "said": [[saying, saying, ...], ...]}                        where it is said in the text

Places are differences from the one before; a saying is twice that, and one more where the word
stands several times.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from guide.library import Library
from guide.library.words import STOP_WORDS, words
from guide.search.place import BODY, Place
from guide.search.places import places

KINDS = ("page", "question", "section", "item", "term", "planned", "about")


def search_index(library: Library) -> dict[str, Any]:
    """The index of everything in `library`."""
    found = list(places(library))
    strings: dict[str, int] = {}
    named: dict[str, dict[int, int]] = {}
    said: dict[str, dict[int, bool]] = {}
    phrases: dict[str, list[int]] = {}
    for number, place in enumerate(found):
        weights = _weights(place)
        for word, weight in weights.items():
            named.setdefault(word, {})[number] = weight
        for word, times in _body_words(place).items():
            if word not in weights:
                said.setdefault(word, {})[number] = times > 1
        for phrase in dict.fromkeys(" ".join(words(name)) for name in place.phrases):
            if phrase:
                phrases.setdefault(phrase, []).append(number)
    listed = sorted(named.keys() | said.keys())
    return {
        "places": [
            [
                place.url,
                place.title,
                KINDS.index(place.kind),
                *(
                    strings.setdefault(text, len(strings))
                    for text in (place.context, place.level, place.page)
                ),
            ]
            for place in found
        ],
        "strings": list(strings),
        "phrases": dict(sorted(phrases.items())),
        "words": " ".join(listed),
        "named": [_numbers_and_weights(named.get(word, {})) for word in listed],
        "said": [_sayings(said.get(word, {})) for word in listed],
    }


class SearchIndex:
    """Stands in for the index of the theme's plugin, which would parse every page for its own."""

    def __init__(self, library: Library) -> None:
        self._library = library

    def add_entry_from_context(self, page: object) -> None:
        """The plugin hands over each rendered page; the library has its text already."""

    def generate_search_index(self, previous: object = None) -> str:
        """The file that the theme loads."""
        config = {"lang": ["en"], "separator": r"[\s\-]+", "pipeline": []}
        index = {"config": config, "docs": search_index(self._library)}
        return json.dumps(index, ensure_ascii=False, separators=(",", ":"))


def _weights(place: Place) -> dict[str, int]:
    """How much each word of a name or heading says about the place."""
    weights: dict[str, int] = {}
    for field in place.fields:
        if field.weight > BODY:
            for word in set(words(field.text)) - STOP_WORDS:
                weights[word] = max(weights.get(word, 0), field.weight)
    return weights


def _body_words(place: Place) -> Counter[str]:
    """How often each word is said in the text of the place."""
    texts = (field.text for field in place.fields if field.weight == BODY)
    said = (word for text in texts for word in words(text))
    return Counter(word for word in said if word not in STOP_WORDS)


def _numbers_and_weights(weights: Mapping[int, int]) -> list[int]:
    """Numbers of places as differences from the one before, each with its weight."""
    numbers = sorted(weights)
    steps = _differences(numbers)
    flat = zip(steps, (weights[number] for number in numbers), strict=True)
    return [each for pair in flat for each in pair]


def _sayings(again: Mapping[int, bool]) -> list[int]:
    """Differences between numbers of places, with the lowest bit for `said again`."""
    numbers = sorted(again)
    steps = zip(_differences(numbers), numbers, strict=True)
    return [2 * step + again[number] for step, number in steps]


def _differences(numbers: Sequence[int]) -> list[int]:
    """Each number as the difference from the one before."""
    return [number - before for before, number in zip((0, *numbers), numbers, strict=False)]
