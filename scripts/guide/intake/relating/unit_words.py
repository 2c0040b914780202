"""The words of a unit as they are compared, read once."""

from __future__ import annotations

from dataclasses import dataclass

from guide.intake.model import UnitText
from guide.intake.relating.stems import asked, stems, subject
from guide.library.words import plain

_LONGEST_TITLE, _LONGEST_TEXT = 400, 10_000
"""Characters that are read: what follows in a long listing adds nothing."""


@dataclass(frozen=True, slots=True)
class UnitWords:
    """A unit with its stems: the subject of its title, all that its title asks, its text."""

    unit: UnitText
    subject: tuple[str, ...]
    asked: tuple[str, ...]
    text: tuple[str, ...]


def words_of(unit: UnitText) -> UnitWords:
    """Read the words of `unit`."""
    title = plain(unit.title[:_LONGEST_TITLE])
    text = plain(unit.text[:_LONGEST_TEXT])
    return UnitWords(unit, subject(title), asked(title), tuple(stems(text)))
