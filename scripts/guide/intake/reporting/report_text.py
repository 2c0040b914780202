"""The report for people at a terminal: compact, no line longer than a hundred characters."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from guide.intake.reporting.report import IN_REPORT, Report
from guide.intake.reporting.report_words import KINDS, flagged, grouped, holds, plural, verdict

_WIDTH = 100
_SHOWN = 3
"""How many changes of a kind and pass are named."""


def render(report: Report) -> str:
    """The report in plain text."""
    parts = (_head, _pages, _units, _changes, _flagged, _suppressions)
    blocks = ["\n".join(lines) for part in parts if (lines := list(part(report)))]
    return "\n\n".join([*blocks, "\n".join(_wrapped("", verdict(report.conservation)))])


def _head(report: Report) -> Iterator[str]:
    document = report.document
    lines = plural(document.lines, "line")
    yield from _wrapped("", f"{document.file}: {document.title} ({lines}, {document.encoding})")
    yield from _wrapped("  read:    ", holds(report.source))
    yield from _wrapped("  written: ", holds(report.output))


def _pages(report: Report) -> Iterator[str]:
    yield f"Pages ({len(report.pages)})"
    for page in report.pages:
        questions = plural(page.counts.questions, "question")
        yield from _wrapped("  ", f"{page.path}: {page.title}, {questions}")


def _units(report: Report) -> Iterator[str]:
    if not report.units:
        return
    yield f"Units ({len(report.units)}) and the topics nearest to them; ? where it is not sure"
    for kind, name in KINDS.items():
        homes: dict[str, list[str]] = {}
        units = [placed for placed in report.units if placed.unit.kind == kind]
        for placed in units:
            mark = "" if placed.sure or placed.home is None else "?"
            homes.setdefault(placed.home or "no topic", []).append(placed.unit.id + mark)
        if homes:
            yield f"  {name} ({len(units)})"
        for home, ids in homes.items():
            yield from _wrapped(f"    {home}: ", ", ".join(ids), "      ")
    dropped = [placed.unit.id for placed in report.units if placed.at == IN_REPORT]
    if dropped:
        yield from _wrapped("  on no page: ", ", ".join(dropped), "    ")
    for name, found in _known(report):
        yield from _wrapped(f"  {name}: ", ", ".join(found), "    ")


def _known(report: Report) -> Iterator[tuple[str, list[str]]]:
    related = [placed.relation for placed in report.units if placed.relation]
    twice = [
        f"{each.unit} ({', '.join(each.duplicate_of)})" for each in related if each.duplicate_of
    ]
    known = [f"{each.unit} ({', '.join(each.known_at)})" for each in related if each.known_at]
    if twice:
        yield "said before", twice
    if known:
        yield "asked in the guide", known


def _changes(report: Report) -> Iterator[str]:
    groups = grouped(report)
    if not groups:
        return
    yield f"Changes ({sum(len(changes) for _, _, changes in groups)})"
    for kind, by, changes in groups:
        yield f"  {kind} by {by} ({len(changes)})"
        for change in changes[:_SHOWN]:
            yield from _wrapped("    ", f"line {change.line}: {change.message}", "      ")
        if len(changes) > _SHOWN:
            yield f"    and {len(changes) - _SHOWN} more"


def _flagged(report: Report) -> Iterator[str]:
    found = flagged(report)
    if found:
        yield f"Look at these ({len(found)})"
    for change in found:
        yield from _wrapped("  ", f"line {change.line}, {change.by}: {change.message}", "    ")


def _suppressions(report: Report) -> Iterator[str]:
    if report.suppressions:
        yield f"Suppressed findings of the checks ({len(report.suppressions)})"
    for each in report.suppressions:
        yield from _wrapped("  ", f"{each.page}:{each.line} {each.rule}: {each.reason}", "    ")


def _wrapped(start: str, text: str, indent: str = "    ") -> list[str]:
    """Lines of `text` after `start`; the second and later ones are indented."""
    printable = "".join(char if char.isprintable() else " " for char in text)
    lines = textwrap.wrap(
        " ".join(printable.split()),
        _WIDTH,
        initial_indent=start,
        subsequent_indent=indent,
        break_on_hyphens=False,
    )
    return lines or [start.rstrip()]
