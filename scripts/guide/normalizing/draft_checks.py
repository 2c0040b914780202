"""Bring draft pages through the guide's checks: what they break is suppressed, with a reason."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass

from guide.checks import Finding, check_pages
from guide.checks.suppression import RULE_ID as SUPPRESSION
from guide.intake.pages.suppressing import Broken, suppress
from guide.intake.reporting.report import Suppressed
from guide.library import Library, Page
from guide.library.limits import excess_of
from guide.library.memo import digest
from guide.library.problem import Problem

MAX_ROUNDS = 6
_OWN = frozenset({SUPPRESSION, "file-size"})
"""What is wrong with the pages that are made here, not with the document."""
Draw = Callable[[Library], Sequence[Finding]]
"""Draws the diagrams of a library's pages; returns those that cannot be drawn."""


@dataclass(frozen=True, slots=True)
class Checked:
    """Pages (path under docs/ -> text) as they pass, what it took, and what still does not pass."""

    texts: Mapping[str, str]
    pages: Mapping[str, Page]
    suppressed: tuple[Suppressed, ...]
    findings: tuple[Finding, ...]


def pass_checks(
    library: Library, texts: Mapping[str, str], origins: Mapping[str, str], draw: Draw
) -> Checked:
    """Return the draft pages `texts` with comments that let them pass every check.

    What they break stays, because it is what the document says; `origins` are the names of the
    documents by page.
    """
    suppressed: dict[tuple[str, str, int], Suppressed] = {}
    texts = dict(texts)
    errors: list[Finding] = []
    pages: dict[str, Page] = {}
    for _ in range(MAX_ROUNDS):
        pages, problems = _read(library, texts)
        errors = _errors(library, pages, problems, draw)
        if not errors:
            break
        before = dict(texts)
        for path, page in pages.items():
            own = [finding for finding in errors if finding.path == page.file]
            if own:
                texts[path] = _mended(page, own, origins[path], suppressed)
        if texts == before:
            break  # nothing else can be done
    return Checked(texts, pages, tuple(suppressed.values()), tuple(errors))


def undrawn(
    library: Library, texts: Mapping[str, str], draw: Draw
) -> Iterator[tuple[str, str, str]]:
    """Yield each diagram that cannot be drawn: the page's path, the diagram's source, and why."""
    pages, _ = _read(library, texts)
    by_file = {page.file: path for path, page in pages.items()}
    for finding in draw(dataclasses.replace(library, pages=pages)):
        path = by_file[finding.path]
        for fence in pages[path].fences:
            if fence.line <= finding.line <= fence.end_line:
                yield path, fence.code, finding.message


def _read(
    library: Library, texts: Mapping[str, str]
) -> tuple[dict[str, Page], tuple[Problem, ...]]:
    problems: list[Problem] = []
    pages = {}
    for path, text in texts.items():
        excess = excess_of(f"docs/{path}", text)
        problems += excess
        if not excess:
            key = digest("draft", path, text)
            pages[path] = library.reader.read(path, text, problems, key)
    return pages, tuple(problems)


def _errors(
    library: Library, pages: Mapping[str, Page], problems: tuple[Problem, ...], draw: Draw
) -> list[Finding]:
    whole = library.extended(pages, problems)
    drawings = draw(dataclasses.replace(library, pages=pages))
    found = check_pages(whole, pages, drawings)
    unread = [
        Finding(each.path, each.line, each.column, each.rule, each.message, each.hint)
        for each in problems
        if each.rule == "file-size"
    ]
    return [finding for finding in [*found, *unread] if finding.severity == "error"]


def _mended(
    page: Page,
    findings: Sequence[Finding],
    origin: str,
    suppressed: dict[tuple[str, str, int], Suppressed],
) -> str:
    unused = {finding.line for finding in findings if finding.rule == SUPPRESSION}
    if unused:  # another comment made it superfluous, such as in an empty section
        return _without_lines(page.source, unused)
    broken = []
    for finding in findings:
        if finding.rule in _OWN or finding.line < page.body_line:
            continue  # no comment covers front matter, and none may cover another comment
        reason = f"kept as {origin} has it"
        key = (page.path, finding.rule, finding.line)
        suppressed[key] = Suppressed(finding.rule, page.file, finding.line, finding.message)
        broken.append(Broken(finding.rule, finding.line, reason))
    fences = {fence.line: fence.end_line for fence in page.fences}
    return suppress(page.source, broken, fences)


def _without_lines(text: str, numbers: Container[int]) -> str:
    """The text without lines that hold a comment only, and the blank line after each."""
    kept: list[str] = []
    lines = text.split("\n")
    skip = False
    for number, line in enumerate(lines, 1):
        if skip and not line.strip():
            skip = False
            continue
        skip = number in numbers and line.strip().startswith("<!-- allow ")
        if not skip:
            kept.append(line)
    return "\n".join(kept)
