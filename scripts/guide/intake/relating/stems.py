"""Words as they are compared: `caching`, `cached` and `caches` have one stem.

Two texts of different authors rarely use the same forms. Endings that only inflect or derive are
cut off by one short list; what remains need not be a word. Text in other scripts than Latin gives
only the names and terms that it writes in Latin letters.
"""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Iterator

from guide.library.words import STOP_WORDS, words

_CAPITALS = re.compile(r"\b[A-Z]{2,}\b")
_ASKING = frozenset(
    """
    answer compare define describe discuss example examples explain explained give introduction
    introduce mean meaning name note notes overview question questions understand understanding
    """.split()
)
"""Words by which people ask; without them the question is the same."""
FACETS = frozenset(
    """
    advantage advantages approach approaches basic basics benefit benefits best biggest challenge
    challenges common comparison concept concepts consideration considerations cons core detail
    details difference differences different disadvantage disadvantages essential feature features
    fundamental fundamentals
    general implement implementation implemented implementing important key kind kinds main point
    points practice practices principle principles pros purpose role step steps summary technique
    techniques tip tips topic topics type types
    """.split()
)
"""Words for the side of a subject that is asked about; any subject has such sides."""
_ENDINGS = (
    ("izations", "ize"), ("isations", "ize"), ("ization", "ize"), ("isation", "ize"),
    ("izing", "ize"), ("ising", "ize"), ("ized", "ize"), ("ised", "ize"), ("izes", "ize"),
    ("ise", "ize"), ("ize", "ize"),
    ("ications", "icate"), ("ication", "icate"), ("icators", "icate"), ("icator", "icate"),
    ("ations", "ate"), ("ation", "ate"), ("ators", "ate"), ("ator", "ate"), ("ates", "ate"),
    ("ated", "ate"), ("ating", "ate"), ("ate", "ate"),
    ("ability", "able"), ("able", "able"), ("ible", "ible"),
    ("iness", "y"), ("ies", "y"), ("ied", "y"),
    ("ings", ""), ("ing", ""), ("ers", ""), ("er", ""), ("ors", ""), ("or", ""),
    ("ions", ""), ("ion", ""), ("ed", ""), ("es", ""), ("e", ""), ("s", ""),
)  # fmt: skip
"""Endings with what takes their place, the longer ones first."""
_SHORTEST = 3
"""Letters that remain at least."""


@functools.cache
def stem(word: str) -> str:
    """Cut off the ending of a word in lower case; `pooling`, `pools` and `pooler` give `pool`."""
    if not word.isalpha() or word.endswith("ss"):
        return word
    for ending, other in _ENDINGS:
        if word.endswith(ending):
            base = word.removesuffix(ending) + other
            if len(base) < _SHORTEST:
                continue
            doubled = len(base) > _SHORTEST and base[-1] == base[-2] and base[-1] not in "ls"
            return base[:-1] if doubled and not other else base
    return word


def stems(text: str) -> Iterator[str]:
    """The stems of plain text without words that lead nowhere, in its order."""
    names = _in_capitals(text)
    for word in words(text):
        if word not in STOP_WORDS or word in names:
            yield stem(word)


def subject(title: str) -> tuple[str, ...]:
    """The stems of a title that say what it is about, whichever side of it is asked about.

    A title that only asks (`Key concepts`) is about nothing: the result is empty.
    """
    return tuple(stem(word) for word in _telling(title) if word not in FACETS)


def asked(title: str) -> tuple[str, ...]:
    """The stems of a question: its subject, and the side of it that is asked about."""
    return tuple(map(stem, _telling(title)))


def pairs(found: tuple[str, ...]) -> Iterator[str]:
    """Neighboring stems as one, because `rate limit` says more than `rate` and `limit`."""
    for first, second in itertools.pairwise(found):
        yield f"{first} {second}"


def _telling(title: str) -> Iterator[str]:
    names = _in_capitals(title)
    for word in words(title):
        is_number = word.isdigit() and len(word) < _SHORTEST
        if word in names or not (word in STOP_WORDS or word in _ASKING or is_number):
            yield word


def _in_capitals(text: str) -> frozenset[str]:
    """Words that stand out in capitals, such as `GET`, which is no stop word then."""
    if text.isupper():
        return frozenset()
    return frozenset(word.lower() for word in _CAPITALS.findall(text))
