"""For code scanning services: one SARIF 2.1.0 log.

Source: OASIS, "Static Analysis Results Interchange Format (SARIF) Version 2.1.0".
"""

from __future__ import annotations

from sarif_pydantic import (
    ArtifactLocation,
    Level,
    Location,
    Message,
    PhysicalLocation,
    Region,
    ReportingDescriptor,
    Result,
    Run,
    Sarif,
    Tool,
    ToolDriver,
)

from guide.checks.catalog import all_rules
from guide.checks.finding import Finding
from guide.checks.report import Report


def render(report: Report) -> str:
    """The report as a SARIF log with one run; every rule that exists is described in it."""
    rules = [
        ReportingDescriptor(id=name, short_description=Message(text=f"Every page {summary}."))
        for name, summary in sorted(all_rules().items())
    ]
    driver = ToolDriver(name="guide", rules=rules)
    run = Run(tool=Tool(driver=driver), results=[_result(each) for each in report.findings])
    log = Sarif(version="2.1.0", runs=[run])
    return str(log.model_dump_json(indent=2, exclude_none=True, by_alias=True))


def _result(finding: Finding) -> Result:
    text = f"{finding.message}\n{finding.hint}" if finding.hint else finding.message
    return Result(
        rule_id=finding.rule,
        level=Level.ERROR if finding.severity == "error" else Level.NOTE,
        message=Message(text=text),
        locations=[
            Location(
                physical_location=PhysicalLocation(
                    artifact_location=ArtifactLocation(uri=finding.path),
                    region=Region(start_line=finding.line, start_column=finding.column),
                )
            )
        ],
    )
