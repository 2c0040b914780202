"""What was asked of the guide at full size and what was measured, as one table on one page.

Every benchmark records its figures under its own name; the table is made of all of them, so that
one benchmark can run again without the others. The records are kept beside the scripts.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from types import MappingProxyType

from workspace import BENCH, ROOT, BenchError, replace_file, write_between

PAGE = ROOT / "docs" / "about" / "performance.md"
RECORDS = BENCH / "figures"
MARKER = "figures"
GUIDE = "guide"

TOPICS: Mapping[str, str] = MappingProxyType(
    {
        "reader": "Reader",
        "preview": "Author: preview",
        "build": "Author: build",
        "growth": "Author: growth",
        "a11y": "Accessibility",
        "security": "Security",
        "reproducible": "Reproducible",
        "interruptions": "Resilient",
        "suite": "Tests",
    }
)
"""Names under which figures are recorded, in the order of the table."""

COLUMNS: Mapping[str, str] = MappingProxyType(
    {
        GUIDE: "This guide",
        "material": "Bare Material",
        "furo": "Sphinx, Furo",
        "vitepress": "VitePress",
        "starlight": "Starlight",
        "docusaurus": "Docusaurus",
    }
)
"""Sites that are measured, by the key of their values."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured thing: what is asked, what each site shows, and whether the guide keeps to it.

    `values` are texts with a unit, by the keys of COLUMNS; `holds` is None where nothing is asked.
    """

    name: str
    asked: str
    values: Mapping[str, str]
    holds: bool | None = None


def record(
    topic: str, figures: Sequence[Figure], page: Path = PAGE, records: Path = RECORDS
) -> None:
    """Keep `figures` in the place of what `topic` had, and write the table anew."""
    if topic not in TOPICS:
        raise BenchError(f"no topic {topic!r}: name it in TOPICS of {Path(__file__).name}")
    for name in sorted({key for each in figures for key in each.values} - COLUMNS.keys()):
        raise BenchError(f"no column {name!r}: name it in COLUMNS of {Path(__file__).name}")
    records.mkdir(exist_ok=True)
    kept = [{**asdict(each), "values": dict(each.values)} for each in figures]
    text = json.dumps(kept, indent=2, ensure_ascii=False)
    replace_file(records / f"{topic}.json", text + "\n")
    write_between(page, MARKER, table(read(records)))


def read(records: Path = RECORDS) -> dict[str, list[Figure]]:
    """All that is recorded, by topic and in the order of the table."""
    found = {}
    for topic in TOPICS:
        file = records / f"{topic}.json"
        if file.exists():
            found[topic] = [Figure(**each) for each in json.loads(file.read_text("utf-8"))]
    return found


def table(figures: Mapping[str, Sequence[Figure]]) -> str:
    """One row for each figure, one column for each site that has any; bold is what falls short."""
    rows = [(topic, each) for topic, own in figures.items() for each in own]
    columns = [key for key in COLUMNS if any(key in each.values for _, each in rows)]
    lines = [
        "| | Asked | " + " | ".join(COLUMNS[key] for key in columns) + " |",
        "|---|---|" + "---:|" * len(columns),
    ]
    for topic, each in rows:
        cells = [_cell(each, key) for key in columns]
        lines.append(f"| {TOPICS[topic]}: {each.name} | {each.asked} | {' | '.join(cells)} |")
    short = sum(each.holds is False for _, each in rows)
    asked = sum(each.holds is not None for _, each in rows)
    return "\n".join([*lines, "", f"{asked - short} of {asked} are kept; bold ones are not."])


def _cell(figure: Figure, key: str) -> str:
    value = figure.values.get(key, "")
    return f"**{value}**" if value and key == GUIDE and figure.holds is False else value
