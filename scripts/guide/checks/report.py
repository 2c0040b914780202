"""What a run of checks found, and how much it looked at."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from guide.checks.finding import Finding


@dataclass(frozen=True, slots=True)
class Report:
    """The findings in order of place, and how many things of each kind were checked."""

    findings: tuple[Finding, ...]
    counts: Mapping[str, int]

    @property
    def errors(self) -> int:
        """Number of findings that forbid publishing."""
        return sum(finding.severity == "error" for finding in self.findings)


def report(findings: Iterable[Finding], counts: Mapping[str, int]) -> Report:
    """Sort `findings`, each kept once."""
    return Report(tuple(sorted(set(findings))), counts)
