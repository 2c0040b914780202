"""For other programs: one JSON document."""

from __future__ import annotations

import dataclasses
import json

from guide.checks.report import Report


def render(report: Report) -> str:
    """The report as JSON: `findings` (`fix` tells whether one can be fixed) and `counts`."""
    data = {
        "findings": [
            {**dataclasses.asdict(finding), "fix": bool(finding.fix)} for finding in report.findings
        ],
        "counts": dict(report.counts),
    }
    return json.dumps(data, indent=2, ensure_ascii=False)
