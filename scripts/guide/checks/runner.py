"""Run the rules and count what was looked at, so that a check never passes by seeing nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from guide.checks.finding import Finding
from guide.checks.rules import RULES
from guide.library import Library
from guide.library.reading import DATA_RULE

MUST_SEE = ("pages", "fences", "links")
"""Counts that are never 0 in a healthy project."""


@dataclass(frozen=True, slots=True)
class Report:
    """The findings in order of place, and how many things of each kind were checked."""

    findings: tuple[Finding, ...]
    counts: Mapping[str, int]

    @property
    def errors(self) -> int:
        """Number of findings that forbid publishing."""
        return sum(finding.severity == "error" for finding in self.findings)


def check_sources(library: Library) -> Report:
    """Run every source rule over `library`."""
    counts = count(library)
    whole = all(problem.rule != DATA_RULE for problem in library.problems)
    rules = [rule for rule in RULES if whole or not rule.needs_data]
    findings = [finding for rule in rules for finding in rule.check(library)]
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


def report(findings: Iterable[Finding], counts: Mapping[str, int]) -> Report:
    """Sort `findings`, each kept once."""
    return Report(tuple(sorted(set(findings))), counts)


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
