"""What the changes account for: the words, code lines, targets and cells in their `before`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from guide.intake.model import Change
from guide.intake.reporting.raw_cells import plain_cell, tables
from guide.intake.reporting.raw_links import targets
from guide.intake.reporting.raw_text import raw_text
from guide.intake.reporting.raw_words import plain_words, words

_BAR = re.compile(r"(?<!\\)\|")


@dataclass(frozen=True, slots=True)
class Reported:
    """Everything that only the report still says, each as often as it says so.

    `lines` are without the blanks and quote signs around them; `text` is all of it, as a reader
    sees it; `added` are the words that changes wrote or may have left.
    """

    words: Counter[str]
    lines: Counter[str]
    targets: Counter[str]
    cells: Counter[str]
    text: str
    added: Counter[str]


def read_changes(changes: Iterable[Change], output: str) -> Reported:
    """Read the changes; what the `after` of one says counts as output, if it stands there."""
    changes = tuple(changes)
    quoting = [change for change in changes if change.before]
    text = plain_cell("\n".join(change.before for change in quoting))
    report = Reported(Counter(), Counter(), Counter(), Counter(), f" {text} ", Counter())
    report.added.update(plain_words("\n".join(change.after for change in changes)))
    for change in quoting:
        said = _words(change.before)
        if change.after and change.after in output:
            said -= _words(change.after)
        report.words.update(said)
        report.lines.update(_lines(change.before))
        report.targets.update(_targets(change.before))
        report.cells.update(_cells(change.before))
    report.added.update(report.words)
    return report


def _words(text: str) -> Counter[str]:
    """Its words with and without markup: a change may quote half a tag."""
    return plain_words(text) | words(raw_text(text))


def _lines(text: str) -> Counter[str]:
    lines = text.split("\n")
    return Counter(line.strip() for line in lines) | Counter(line.strip(" \t>") for line in lines)


def _targets(text: str) -> Counter[str]:
    """The targets of links, and targets that are quoted by themselves."""
    return targets(text) | Counter((text.strip(), *text.split()))


def _cells(text: str) -> Counter[str]:
    """The cells of tables, and cells or rows that are quoted by themselves."""
    in_tables = Counter(cell for table in tables(raw_text(text)) for row in table for cell in row)
    pieces = (piece for line in text.split("\n") for piece in _BAR.split(line))
    return in_tables | Counter(map(plain_cell, pieces)) | Counter([plain_cell(text)])
