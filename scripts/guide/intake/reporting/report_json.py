"""The report for other programs: one JSON document, schema 1, that leaves nothing out."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

from guide.intake.reporting.report import PlacedUnit, Report

SCHEMA = 1


def render(report: Report) -> str:
    """The report as JSON with its keys in a fixed order."""
    data = {
        "schema": SCHEMA,
        "document": dataclasses.asdict(report.document),
        "pages": [
            {"path": page.path, "title": page.title, "questions": page.counts.questions}
            for page in report.pages
        ],
        "counts": {
            "source": dataclasses.asdict(report.source),
            "output": dataclasses.asdict(report.output),
        },
        "units": [_unit(placed) for placed in report.units],
        "changes": [dataclasses.asdict(change) for change in report.changes],
        "suppressions": [dataclasses.asdict(each) for each in report.suppressions],
        "conservation": {
            **dataclasses.asdict(report.conservation),
            "whole": report.conservation.whole,
        },
    }
    return json.dumps(data, indent=2, ensure_ascii=False)


def _unit(placed: PlacedUnit) -> dict[str, Any]:
    unit, relation = placed.unit, placed.relation
    return {
        "id": unit.id,
        "kind": unit.kind,
        "title": unit.title,
        "line": unit.line,
        "end_line": unit.end_line,
        "parent": unit.parent,
        "at": placed.at,
        "home": placed.home,
        "sure": placed.sure,
        "homes": [dataclasses.asdict(home) for home in relation.homes] if relation else [],
        "duplicate_of": list(relation.duplicate_of) if relation else [],
        "known_at": list(relation.known_at) if relation else [],
    }
