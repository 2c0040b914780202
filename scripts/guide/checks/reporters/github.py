"""For GitHub: workflow commands that annotate the lines of a pull request.

Source: GitHub documentation, "Workflow commands for GitHub Actions".
"""

from __future__ import annotations

from guide.checks.report import Report


def render(report: Report) -> str:
    """One annotation a finding."""
    return "\n".join(
        f"::{'error' if each.severity == 'error' else 'notice'} "
        f"file={_property(each.path)},line={each.line},col={each.column},"
        f"title={_property(each.rule)}::"
        + _data(f"{each.message}\n{each.hint}" if each.hint else each.message)
        for each in report.findings
    )


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
