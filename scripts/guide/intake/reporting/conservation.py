"""The proof that nothing is lost: all that a document says is in the output or in the report.

Words, code lines, link targets and table cells are counted in the raw texts, not in the tokens
that the passes work on. Each occurrence in the document must be found in an output page; what is
not there must stand in the `before` of a change.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from guide.intake.model import Change, Source
from guide.intake.reporting.raw_cells import plain_cell, tables
from guide.intake.reporting.raw_links import links, quoted
from guide.intake.reporting.raw_text import RawText, raw_text, without_items, without_tags
from guide.intake.reporting.raw_words import plain_words, words
from guide.intake.reporting.reported import Reported, read_changes
from guide.intake.reporting.similar import Similar
from guide.library.front_matter import split

_FENCES = ("```", "~~~")
SHOWN = 50
"""How many missing things of a kind are named; all are counted."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of one kind of thing: `source` = `output` + `report` + `lost`.

    `source` is how many there are in the document, `output` how many of them are in the output,
    `report` how many only in the report; `missing` names the first of those that are lost.
    """

    source: int
    output: int
    report: int
    lost: int
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Conservation:
    """What became of a document's words, code lines, link targets and table cells."""

    words: Kept
    code_lines: Kept
    links: Kept
    table_cells: Kept

    @property
    def whole(self) -> bool:
        """Whether nothing is lost."""
        kinds = (self.words, self.code_lines, self.links, self.table_cells)
        return not any(kind.lost for kind in kinds)


def conserve(source: Source, pages: Sequence[str], changes: Sequence[Change]) -> Conservation:
    """Compare a document with the texts of all pages made of it and the changes reported."""
    parts = [split(page) for page in pages]
    before = raw_text(source.text)
    after = [raw_text(part.body) for part in parts]
    body = "\n".join(part.body for part in parts)
    report = read_changes(changes, body)
    return Conservation(
        words=_words(source, before, [part.yaml or "" for part in parts], after, report),
        code_lines=_code_lines(before, after, body, report),
        links=_links(before, after, report),
        table_cells=_cells(before, after, body, report),
    )


def _words(
    source: Source,
    before: RawText,
    fronts: Sequence[str],
    after: Sequence[RawText],
    report: Reported,
) -> Kept:
    body = words(before)
    numbers = _sum(Counter(page.numbers) for page in after) - Counter(before.numbers)
    found = _sum(words(page) for page in after) + numbers  # what was text may number an item now
    front = plain_words(source.front or "")
    rest = body - found
    front_rest = front - _sum(map(plain_words, fronts)) - (found - body)
    return _kept(body + front, rest + front_rest, report.words)


def _code_lines(before: RawText, after: Sequence[RawText], body: str, report: Reported) -> Kept:
    source = Counter(before.code)
    found = _sum(Counter(page.code) for page in after)
    rest = source - found
    if before.doubtful and rest:
        rest = _not_among_lines(rest, body, report)
    lines = Counter({line: report.lines[line.strip()] for line in rest})
    unreported = rest - lines
    lines += Similar(found - source, report.words).explained(unreported)
    return _kept(source, rest, lines)


def _not_among_lines(code: Counter[str], body: str, report: Reported) -> Counter[str]:
    """Where fences do not pair up, a line may stand as text: what stands nowhere at all."""
    lines = Counter(without_tags(without_items(line)).strip() for line in body.split("\n"))
    wanted = {
        line: without_tags(without_items(line)).strip()
        for line in code
        if not line.lstrip().startswith(_FENCES)
    }
    known: Counter[str] = Counter()
    for pool in (lines, report.lines):
        asked = Counter(wanted.values()) - known
        known += asked & pool
        asked -= pool
        known += Similar(pool, report.words, loose=True).explained(asked)
    return Counter(
        {
            line: code[line]
            for line, text in wanted.items()
            if not known[text] and any(map(str.isalnum, text))
        }
    )


def _links(before: RawText, after: Sequence[RawText], report: Reported) -> Kept:
    source = links(before)
    in_code = _sum(quoted(page) for page in after) - quoted(before)
    rest = source - _sum(links(page) for page in after) - in_code
    return _kept(source, rest, report.targets)


def _cells(before: RawText, after: Sequence[RawText], body: str, report: Reported) -> Kept:
    found: Counter[str] = Counter()
    headers: Counter[tuple[str, ...]] = Counter()
    for page in after:
        for table in tables(page):
            headers.update(table[:1])
            found.update(cell for row in table for cell in row)
    source: Counter[str] = Counter()
    dissolved: Counter[str] = Counter()
    for table in tables(before):
        cells = Counter(cell for row in table for cell in row)
        source += cells
        if table[:1]:
            dissolved += cells if headers[table[0]] < 1 else Counter()
            headers[table[0]] -= 1
    rest = source - found
    reported = report.cells
    if dissolved and rest:  # a table that became text: its cells stand there
        text = f" {plain_cell(body)} "
        rest -= Counter({cell: dissolved[cell] for cell in rest if f" {cell} " in text})
        reported = reported | Counter(
            {cell: dissolved[cell] for cell in rest if f" {cell} " in report.text}
        )
    unreported = rest - reported
    similar = Similar(found - source, report.words, added=report.added)
    return _kept(source, rest, reported + similar.explained(unreported))


def _kept(source: Counter[str], rest: Counter[str], report: Counter[str]) -> Kept:
    """Make the account of a kind: `rest` is what the output lacks."""
    lost = rest - report
    missing = sorted(lost.elements())
    return Kept(
        source=source.total(),
        output=source.total() - rest.total(),
        report=rest.total() - len(missing),
        lost=len(missing),
        missing=tuple(missing[:SHOWN]),
    )


def _sum(counters: Iterable[Counter[str]]) -> Counter[str]:
    total: Counter[str] = Counter()
    for counter in counters:
        total.update(counter)
    return total
