"""Finds what a line or cell became when a reported change took a part out of it."""

from __future__ import annotations

from collections import Counter

from guide.intake.reporting.raw_words import plain_words

_CANDIDATES = 50
_RAREST = 3


class Similar:
    """The lines or cells that only the output has, and the words that are reported as gone.

    If it is `loose`, signs make no difference, and one line may hold several. What is `added` are
    words that changes put there: a cell may have become longer by them.
    """

    def __init__(
        self,
        surplus: Counter[str],
        reported: Counter[str],
        *,
        loose: bool = False,
        added: Counter[str] | None = None,
    ) -> None:
        self._reported = reported
        self._added = added or Counter()
        self._loose = loose
        self._left = surplus
        self._words = {text: plain_words(text) for text in surplus}
        self._having: dict[str, list[str]] = {}
        for text, inside in self._words.items():
            for word in inside:
                self._having.setdefault(word, []).append(text)

    def explained(self, missing: Counter[str]) -> Counter[str]:
        """Those of `missing` that stand in the output but for words that are reported as gone.

        At least half of the words must still be there, and at least one be reported: what
        differs in signs only is lost, unless signs make no difference.
        """
        found: Counter[str] = Counter()
        for text in missing.elements():
            became = self._became(plain_words(text)) or self._longer(text)
            if became is not None:
                self._left[became] -= not self._loose
                found[text] += 1
        return found

    def _became(self, wanted: Counter[str]) -> str | None:
        for text in self._candidates(wanted):
            gone = wanted - self._words[text]
            if (
                (gone or self._loose)
                and gone <= self._reported
                and 2 * gone.total() <= wanted.total()
            ):
                return text
        return None

    def _longer(self, wanted: str) -> str | None:
        """What `wanted` became where changes added words to it; it may be a sign alone."""
        if not self._added:
            return None
        words = plain_words(wanted)
        for text in self._candidates(words) if words else self._left:
            gained = self._words[text] - words
            added = gained and gained <= self._added and self._left[text] > 0
            if added and not words - self._words[text] and (words or wanted in text):
                return text
        return None

    def _candidates(self, wanted: Counter[str]) -> list[str]:
        """What shares one of its rarest words with `wanted`."""
        groups = sorted((self._having[word] for word in wanted if word in self._having), key=len)
        found = dict.fromkeys(text for group in groups[:_RAREST] for text in group[:_CANDIDATES])
        return [text for text in found if self._left[text] > 0]
