"""A paragraph stands once in the guide; a second copy will be corrected in one place only."""

from __future__ import annotations

import re
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain, permutations

from guide.checks.finding import Finding
from guide.checks.rule import LibraryRule
from guide.library import Library, Page
from guide.library.memo import digest

MIN_WORDS = 20
"""Shorter paragraphs may be alike for good reasons."""
SIMILARITY = 0.5
"""Jaccard similarity of three-word shingles; two words changed in thirty leave about 0.7."""
_SKETCH = 12
_SHARED = 3
"""Paragraphs are compared if this many of their smallest shingle hashes are the same
(bottom-k sketches; Broder, On the resemblance and containment of documents, 1997)."""
_NEXT = 4
"""Of all paragraphs that have a hash in common each is paired with so many after it: a phrase that
stands everywhere would make pairs by the square of the pages. Of many copies each still has one."""

_TARGET = re.compile(r"(?<=\])\([^()]*\)|<https?:[^>]*>")
"""Two lists of links to one standard have addresses in common, not words."""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph's place and the hashes of its three-word shingles."""

    line: int
    shingles: frozenset[int]
    sketch: tuple[int, ...]


def check(library: Library) -> Iterator[Finding]:
    """Report both of two paragraphs that say the same in nearly the same words.

    What a draft repeats is the draft's matter only.
    """
    paragraphs: list[tuple[Page, Paragraph]] = []
    by_hash: dict[int, list[int]] = defaultdict(list)
    for page in library.written_pages:
        key = digest(page.path, page.text)
        for paragraph in library.memo.get("shingles", key, partial(shingled, page)):
            for value in paragraph.sketch:
                by_hash[value].append(len(paragraphs))
            paragraphs.append((page, paragraph))
    several = [indexes for indexes in by_hash.values() if len(indexes) > 1]
    shared = Counter(chain.from_iterable(map(_near, several)))
    for first, second in sorted(pair for pair, count in shared.items() if count >= _SHARED):
        one, other = paragraphs[first][1], paragraphs[second][1]
        if _similarity(one.shingles, other.shingles) >= SIMILARITY:
            for here, there in permutations((paragraphs[first], paragraphs[second])):
                if there[0].is_published or not here[0].is_published:
                    yield _finding(here, there)


def shingled(page: Page) -> list[Paragraph]:
    """The paragraphs of `page` that are long enough to be compared, without tables and headings."""
    found = []
    number = page.body_line
    for block in re.split(r"(\n[ \t]*(?:\n[ \t]*)*\n)", page.text):
        text = block.strip()
        words = re.findall(r"[^\W_]+", _TARGET.sub("", text.lower()))
        if len(words) >= MIN_WORDS and not text.startswith(("|", "#")):
            triples = zip(words, words[1:], words[2:], strict=False)
            hashes = frozenset(zlib.crc32(" ".join(triple).encode()) for triple in triples)
            line = number + block.count("\n", 0, len(block) - len(block.lstrip()))
            found.append(Paragraph(line, hashes, tuple(sorted(hashes)[:_SKETCH])))
        number += block.count("\n")
    return found


def _near(indexes: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield each of `indexes` with the _NEXT after it."""
    for distance in range(1, _NEXT + 1):
        yield from zip(indexes, indexes[distance:], strict=False)


def _similarity(one: frozenset[int], other: frozenset[int]) -> float:
    return len(one & other) / len(one | other)


def _finding(here: tuple[Page, Paragraph], there: tuple[Page, Paragraph]) -> Finding:
    message = f"this says nearly the same as {there[0].file}:{there[1].line}"
    hint = "keep it on the page whose subject it is, and link to it from the other"
    return Finding(here[0].file, here[1].line, 1, RULE.id, message, hint)


RULE = LibraryRule(
    "near-duplicate",
    "says nothing that another page says in nearly the same words",
    check,
    needs_data=False,
    strict_on_drafts=False,
)
