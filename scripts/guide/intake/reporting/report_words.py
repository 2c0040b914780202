"""Phrases that the reports share."""

from __future__ import annotations

from collections.abc import Mapping

from guide.intake.model import Change, UnitKind
from guide.intake.reporting.conservation import Conservation, Kept
from guide.intake.reporting.counts import Counts
from guide.intake.reporting.report import Report

KINDS: Mapping[UnitKind, str] = {
    "question": "questions",
    "section": "sections",
    "bullet": "bullets",
    "list": "lists",
    "code": "code blocks",
    "diagram": "diagrams",
    "table": "tables",
}
"""The kinds of units in the order of the reports."""
CHANGE_KINDS = ("removed", "changed", "inferred", "repaired")
"""The kinds of changes in the order of the reports; what is flagged comes apart."""

_NAMED = 5
_LENGTH = 60


def plural(number: int, noun: str) -> str:
    """`1 page`, `2 pages`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def holds(counts: Counts) -> str:
    """What a text holds, in one line."""
    fences = sum(counts.fences.values())
    by_language = ", ".join(f"{name or 'unnamed'} {n:,}" for name, n in counts.fences.items())
    parts = [
        plural(counts.questions, "question"),
        plural(fences, "code block") + (f" ({by_language})" if by_language else ""),
        plural(counts.diagrams, "diagram"),
        plural(counts.tables, "table"),
        plural(counts.links, "link"),
        plural(counts.images, "image"),
        plural(counts.words, "word"),
    ]
    return ", ".join(parts)


def kinds_kept(conservation: Conservation) -> tuple[tuple[str, Kept], ...]:
    """The kinds of things that are accounted for, each with its name for one."""
    return (
        ("word", conservation.words),
        ("code line", conservation.code_lines),
        ("link", conservation.links),
        ("table cell", conservation.table_cells),
    )


def verdict(conservation: Conservation) -> str:
    """Whether anything is lost, in one line."""
    kinds = kinds_kept(conservation)
    if conservation.whole:
        all_of = ", ".join(plural(kept.source, name) for name, kept in kinds)
        only = sum(kept.report for _, kept in kinds)
        return f"Nothing is lost: {all_of}; {only:,} of them only in this report."
    return "Lost: " + "; ".join(_lost(name, kept) for name, kept in kinds if kept.lost) + "."


def _lost(name: str, kept: Kept) -> str:
    named = ", ".join(repr(_short(text)) for text in kept.missing[:_NAMED])
    more = ", ..." if kept.lost > _NAMED else ""
    return f"{plural(kept.lost, name)} ({named}{more})"


def _short(text: str) -> str:
    return text if len(text) <= _LENGTH else f"{text[: _LENGTH - 3]}..."


def grouped(report: Report) -> list[tuple[str, str, list[Change]]]:
    """The changes by kind and pass, in reading order inside; what is flagged is left out."""
    groups: dict[tuple[str, str], list[Change]] = {}
    for change in report.changes:
        if change.kind != "flagged":
            groups.setdefault((change.kind, change.by), []).append(change)
    order = sorted(groups, key=lambda key: CHANGE_KINDS.index(key[0]))
    return [
        (kind, by, sorted(groups[kind, by], key=lambda change: change.line)) for kind, by in order
    ]


def flagged(report: Report) -> list[Change]:
    """What looked odd and was left as it is, in reading order."""
    found = [change for change in report.changes if change.kind == "flagged"]
    return sorted(found, key=lambda change: change.line)
