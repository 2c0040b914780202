"""What a run of checks found, and how much it looked at."""

from __future__ import annotations

import dataclasses
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
    """Sort `findings`, each kept once and printable whatever it quotes."""
    return Report(tuple(sorted({_printable(finding) for finding in findings})), counts)


def _printable(finding: Finding) -> Finding:
    """Write half characters (YAML can escape them) so that any terminal and format takes them."""
    message, hint = (
        text.encode("utf-8", "backslashreplace").decode("utf-8")
        for text in (finding.message, finding.hint)
    )
    if (message, hint) == (finding.message, finding.hint):
        return finding
    return dataclasses.replace(finding, message=message, hint=hint)
