"""The report for people who review: everything, as a page of Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from guide.intake.model import Change
from guide.intake.reporting.report import PlacedUnit, Report
from guide.intake.reporting.report_words import flagged, grouped, kinds_kept, plural, verdict

_QUOTED = re.compile(r"(`[^`]+`|(?:https?://|www\.)\S+)")
_SPECIAL = re.compile(r"[\\`*_{}\[\]<>&|#~=:$%!]")


def render(report: Report) -> str:
    """The report as Markdown; texts of the document stand in code, so that nothing is rendered."""
    document = report.document
    blocks = [
        f"# Intake of {_code(document.name)}",
        _verdict(report),
        _table(
            ("Document", "Value"),
            (
                ("File", _code(document.file)),
                ("Title", _code(document.title)),
                ("SHA-256", _code(document.sha256)),
                ("Encoding", _code(document.encoding)),
                ("Lines", f"{document.lines:,}"),
            ),
        ),
        *_counts(report),
        *_conservation(report),
        *_pages(report),
        *_units(report),
        *_changes(report),
        *_flagged(report),
        *_suppressions(report),
    ]
    return "\n\n".join(blocks) + "\n"


def _verdict(report: Report) -> str:
    """Whether anything is lost; what is lost stands under its own heading."""
    if report.conservation.whole:
        return verdict(report.conservation)
    kinds = kinds_kept(report.conservation)
    lost = ", ".join(plural(kept.lost, name) for name, kept in kinds if kept.lost)
    return f"**Lost:** {lost}."


def _counts(report: Report) -> Iterator[str]:
    source, output = report.source, report.output
    languages = sorted({*source.fences, *output.fences})
    rows = [
        ("Questions", source.questions, output.questions),
        *(
            (
                f"Code blocks: {_code(name) if name else 'unnamed'}",
                source.fences.get(name, 0),
                output.fences.get(name, 0),
            )
            for name in languages
        ),
        ("Diagrams", source.diagrams, output.diagrams),
        ("Tables", source.tables, output.tables),
        ("Links", source.links, output.links),
        ("Images", source.images, output.images),
        ("Words", source.words, output.words),
        ("Lines of code", source.code_lines, output.code_lines),
    ]
    yield "## What it holds"
    yield _table(("What", "Document", "Pages"), ((name, f"{a:,}", f"{b:,}") for name, a, b in rows))


def _conservation(report: Report) -> Iterator[str]:
    yield "## What became of it"
    kinds = kinds_kept(report.conservation)
    yield _table(
        ("What", "Document", "On pages", "Only in this report", "Lost"),
        (
            (
                f"{name.capitalize()}s",
                *(f"{n:,}" for n in (kept.source, kept.output, kept.report, kept.lost)),
            )
            for name, kept in kinds
        ),
    )
    for name, kept in kinds:
        if kept.missing:
            shown = "" if len(kept.missing) == kept.lost else f" (the first {len(kept.missing)})"
            yield f"Lost {name}s{shown}:"
            yield _fence("\n".join(kept.missing))


def _pages(report: Report) -> Iterator[str]:
    if report.pages:
        yield "## Pages"
        yield _table(
            ("Page", "Title", "Questions", "Words"),
            (
                (
                    _code(page.path),
                    _code(page.title),
                    f"{page.counts.questions:,}",
                    f"{page.counts.words:,}",
                )
                for page in report.pages
            ),
        )


def _units(report: Report) -> Iterator[str]:
    if report.units:
        yield "## Units"
        yield "A question mark says that the topic is a guess."
        yield _table(
            ("Unit", "Kind", "Lines", "Title", "Now at", "Topics", "Said already"),
            map(_unit, report.units),
        )


def _unit(placed: PlacedUnit) -> tuple[str, ...]:
    unit, relation = placed.unit, placed.relation
    homes = [f"{home.topic} {home.score:.2f}" for home in relation.homes] if relation else []
    if homes and not placed.sure:
        homes[0] += "?"
    said = (*relation.duplicate_of, *relation.known_at) if relation else ()
    return (
        _code(unit.id),
        unit.kind,
        f"{unit.line} to {unit.end_line}",
        _code(unit.title),
        _code(placed.at),
        ", ".join(map(_code, homes)),
        ", ".join(map(_code, said)),
    )


def _changes(report: Report) -> Iterator[str]:
    groups = grouped(report)
    if groups:
        yield "## Changes"
    for kind, by, changes in groups:
        yield f"### {kind.capitalize()} by {_code(by)}"
        yield from _list_of(changes)


def _flagged(report: Report) -> Iterator[str]:
    changes = flagged(report)
    if changes:
        yield "## Look at these"
        yield from _list_of(changes)


def _list_of(changes: Sequence[Change]) -> Iterator[str]:
    """One table of the changes, then the texts that are on no page any more, in full."""
    yield _table(
        ("Line", "What", "Now"),
        ((f"{each.line}", _prose(each.message), _code(each.after)) for each in changes),
    )
    for change in changes:
        if change.before.strip():
            yield f"Line {change.line} said:"
            yield _fence(change.before)


def _suppressions(report: Report) -> Iterator[str]:
    if report.suppressions:
        yield "## Suppressed findings"
        yield _table(
            ("Page", "Line", "Rule", "Reason"),
            (
                (_code(each.page), f"{each.line}", _code(each.rule), _prose(each.reason))
                for each in report.suppressions
            ),
        )


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = (header, ["---"] * len(header), *rows)
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _code(text: str) -> str:
    """Text of the document as inline code, whatever is in it; empty if there is none."""
    text = " ".join(text.split())
    if not text:
        return ""
    if not any(char in text for char in "|`"):
        return f"`{text}`"
    return f"<code>{_escaped(text)}</code>"


def _prose(text: str) -> str:
    """A message of the normalizer: what it quotes is code, the rest is no markup."""
    parts = _QUOTED.split(" ".join(text.split()))
    return "".join(
        _code(part.strip("`")) if index % 2 else _escaped(part) for index, part in enumerate(parts)
    )


def _escaped(text: str) -> str:
    return _SPECIAL.sub(lambda match: f"&#{ord(match[0])};", text)


def _fence(text: str) -> str:
    """Text of the document as a block that nothing in it can end."""
    fence = "`" * max([3, *(len(run) + 1 for run in re.findall(r"`{3,}", text))])
    body = text.strip("\n")
    return f"{fence}markdown\n{body}\n{fence}"
