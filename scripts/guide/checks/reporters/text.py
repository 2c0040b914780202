"""For people at a terminal."""

from __future__ import annotations

from guide.checks.report import Report


def render(report: Report) -> str:
    """One finding a paragraph, then what was counted."""
    lines = []
    for each in report.findings:
        lines.append(
            f"{each.path}:{each.line}:{each.column} {each.severity}[{each.rule}] {each.message}"
        )
        if each.hint:
            lines.append(f"  hint: {each.hint}")
    counted = ", ".join(f"{number:,} {name}" for name, number in report.counts.items())
    total = len(report.findings)
    verdict = "no findings" if not total else "1 finding" if total == 1 else f"{total} findings"
    return "\n".join([*lines, f"Checked {counted}: {verdict}."])
