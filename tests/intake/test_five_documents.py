"""The five documents that the guide grew from are taken in whole, and all of them is accounted for.

They are no part of the repository; `pytest --sources PATH` says where they are.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from guide.drawing import draw_diagrams
from guide.intake.relating.relating import Relater
from guide.intake.reporting.report import PlacedUnit
from guide.keeping import CACHE
from guide.library import Library
from guide.normalizing.drafts import Normalized, Options, normalize
from support import ROOT, this_guide

MIN_RIGHT = 0.85


@pytest.fixture(scope="module")
def folder(request: pytest.FixtureRequest) -> Path:
    given = request.config.getoption("--sources")
    if given is None:
        pytest.skip("without --sources there are no documents to normalize")
    return Path(given)


@pytest.fixture(scope="module")
def normalized(folder: Path) -> dict[int, Normalized]:
    library = this_guide()
    relater = Relater(library)

    def draw(drafts: Library) -> list[Any]:
        return draw_diagrams(drafts, ROOT / CACHE / "diagrams", lambda done, total: None)

    return {
        each["n"]: normalize(library, relater, folder / each["file"], Options(), draw)
        for each in _inventory(folder)["sources"]
    }


def test_they_pass_every_check_and_nothing_is_lost(normalized: dict[int, Normalized]) -> None:
    assert {number: each.findings for number, each in normalized.items()} == dict.fromkeys(
        normalized, ()
    )
    assert all(each.report.conservation.whole for each in normalized.values())


def test_the_report_accounts_for_every_unit(
    folder: Path, normalized: dict[int, Normalized]
) -> None:
    missing = [unit["id"] for unit, placed in _pairs(folder, normalized) if placed is None]
    assert missing == []


def test_main_homes_are_those_of_the_ledger(
    folder: Path, normalized: dict[int, Normalized]
) -> None:
    """With `-s`, every disagreement is printed."""
    pairs = [(unit, placed) for unit, placed in _pairs(folder, normalized) if placed]
    wrong = [
        f"{unit['id']}: {placed.home}, in the ledger {unit['topics'][0]}"
        for unit, placed in pairs
        if placed.home != unit["topics"][0]
    ]
    print(*wrong, f"{len(pairs) - len(wrong)} of {len(pairs)} agree", sep="\n")
    assert len(wrong) <= (1 - MIN_RIGHT) * len(pairs), "\n".join(wrong)


def _inventory(folder: Path) -> Any:
    return yaml.safe_load((folder / "source-units.yml").read_text(encoding="utf-8"))


def _pairs(
    folder: Path, normalized: dict[int, Normalized]
) -> Iterator[tuple[Any, PlacedUnit | None]]:
    """Each unit of the inventory with the unit of the report that stands there, if any does."""
    for unit in _inventory(folder)["units"]:
        placed = normalized[unit["source"]].report.units
        here = [each for each in placed if each.unit.line <= unit["line"] <= each.unit.end_line]
        alike = [each for each in here if each.unit.kind == unit["kind"]] or here
        innermost = max(alike, key=lambda each: (each.unit.line, -each.unit.end_line), default=None)
        yield unit, innermost
