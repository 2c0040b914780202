"""Run the rules and count what was looked at, so that a check never passes by seeing nothing."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import chain, islice

from guide.checks.allowed import apply_allowances
from guide.checks.catalog import SOURCE_RULES
from guide.checks.finding import Finding
from guide.checks.report import Report, report
from guide.checks.rule import LibraryRule, PageRule
from guide.checks.rules import RULES
from guide.checks.suppression import apply_suppressions
from guide.library import Library, Page
from guide.library.reading import DATA_RULE

MUST_SEE = ("pages", "fences", "links")
"""Counts that are never 0 in a healthy project."""
MAX_SHOWN = 100
"""Findings of one rule on one page; who sees more sees none."""
_PAGE_RULES = tuple(rule for rule in RULES if isinstance(rule, PageRule))
_LIBRARY_RULES = tuple(rule for rule in RULES if isinstance(rule, LibraryRule))
_LENIENT_ON_DRAFTS = frozenset(rule.id for rule in RULES if not rule.strict_on_drafts)


def check_sources(library: Library, drawings: Iterable[Finding] = ()) -> Report:
    """Run every source rule over `library`; `drawings` are findings about its diagrams.

    What a page suppresses or the project allows, each with a reason, is left out.
    """
    counts = count(library)
    findings = [*_of_pages(library), *_of_library(library), *drawings]
    findings = [_eased(library, finding) for finding in findings]
    findings = apply_suppressions(library.pages.values(), findings)
    findings = apply_allowances(library, findings, SOURCE_RULES)
    findings += [
        Finding(
            "docs",
            1,
            1,
            "nothing-checked",
            f"there are no {kind} to check",
            "run `guide` in a complete checkout",
        )
        for kind in MUST_SEE
        if not counts[kind]
    ]
    return report(findings, counts)


def check_pages(
    library: Library, paths: Iterable[str], drawings: Iterable[Finding] = ()
) -> list[Finding]:
    """Return what `check_sources` would report on the pages `paths` (relative to docs/)."""
    pages = [library.pages[path] for path in paths]
    files = {page.file for page in pages}
    found = [finding for page in pages for finding in _of_page(library, page)]
    # What is wrong with an example is reported in its own files, and parsing them all is slow.
    elsewhere = chain(_of_library(dataclasses.replace(library, examples=())), drawings)
    found += [finding for finding in elsewhere if finding.path in files]
    return apply_suppressions(pages, [_eased(library, finding) for finding in found])


def count(library: Library) -> dict[str, int]:
    """Count what the source rules look at."""
    pages = list(library.pages.values())
    return {
        "pages": len(pages),
        "links": sum(len(page.links) for page in pages),
        "fences": sum(len(page.fences) for page in pages),
        "diagrams": sum(len(page.diagrams) for page in pages),
        "questions": sum(len(page.questions) for page in pages),
        "quiz items": sum(len(page.quiz) for page in pages),
        "source units": len(library.ledger.units),
    }


def _of_pages(library: Library) -> Iterator[Finding]:
    for page in library.pages.values():
        yield from library.memo.get("findings", page.key, partial(_of_page, library, page))


def _of_page(library: Library, page: Page) -> list[Finding]:
    findings: list[Finding] = []
    for rule in _PAGE_RULES:
        found = rule.check(page, library.reader)
        findings += islice(found, MAX_SHOWN)
        for another in islice(found, 1):
            message = f"and more like these; {MAX_SHOWN} are shown"
            findings.append(dataclasses.replace(another, message=message, fix=()))
    return findings


def _of_library(library: Library) -> Iterator[Finding]:
    whole = all(problem.rule != DATA_RULE for problem in library.problems)
    for rule in _LIBRARY_RULES:
        if whole or not rule.needs_data:
            yield from rule.check(library)


def _eased(library: Library, finding: Finding) -> Finding:
    """A draft may still lack some things; they become notes."""
    page = library.pages.get(finding.path.removeprefix("docs/"))
    if page is not None and not page.is_published and finding.rule in _LENIENT_ON_DRAFTS:
        return dataclasses.replace(finding, severity="note")
    return finding
