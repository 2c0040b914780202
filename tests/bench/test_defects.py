"""The benchmarks do what they say: one edit at a known place, the same for the same seed."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest

from defects import DEFECTS, HARMLESS, Defect, Tree
from guide.checks import check_sources
from guide.project import load
from support import ROOT
from synthetic import grow
from tools import Report, new_reports
from workspace import BenchError, copy_project, write_between

MEMO = ROOT / ".cache" / "memo"
CLASSES = [*DEFECTS.values(), *HARMLESS.values()]


@pytest.fixture(scope="module")
def tree() -> Tree:
    return Tree.read(ROOT)


@pytest.mark.parametrize("each", CLASSES, ids=lambda each: each.name)
def test_every_class_edits_one_file_at_the_line_it_names(each: Defect, tree: Tree) -> None:
    made = each.inject(random.Random(7), tree)
    before, after = tree.texts[made.file].split("\n"), made.text.split("\n")

    assert after != before
    assert 1 <= made.line <= len(after)
    first = _common(before, after)
    last = len(after) - _common(before[::-1], after[::-1])
    places = [line for file, line in made.places if file == made.file]
    assert any(first - 2 <= line <= last + 2 for line in places), (first, last, places)


def _common(one: list[str], two: list[str]) -> int:
    """How many lines are the same from the start."""
    pairs = enumerate(zip(one, two, strict=False))
    return next((row for row, (a, b) in pairs if a != b), min(len(one), len(two)))


@pytest.mark.parametrize("each", CLASSES, ids=lambda each: each.name)
def test_a_seed_makes_the_same_edit_again(each: Defect, tree: Tree) -> None:
    assert each.inject(random.Random(3), tree) == each.inject(random.Random(3), tree)


def test_a_report_that_only_moved_is_not_new() -> None:
    before = [Report("docs/a.md", 3, "MD051", "no anchor")]
    after = [Report("docs/a.md", 5, "MD051", "no anchor"), Report("docs/a.md", 9, "MD051", "other")]

    assert new_reports(before, after) == [after[1]]


def test_a_second_report_like_a_known_one_is_new() -> None:
    known = Report("docs/a.md", 3, "MD051", "no anchor")

    assert new_reports([known], [known, known]) == [known]


def test_a_grown_guide_is_clean(tmp_path: Path) -> None:
    root = copy_project(ROOT, tmp_path / "grown", drawings=False)
    if MEMO.is_file():  # what is known of the pages that it grows from
        (root / ".cache").mkdir()
        shutil.copy2(MEMO, root / ".cache" / "memo")
    pages = len(load(root).written_pages)

    assert grow(root, pages + 20) == pages + 20
    assert check_sources(load(root)).errors == 0


def test_a_summary_replaces_what_stands_between_its_markers(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# A\n\n<!-- speed -->\nold\n<!-- /speed -->\n\nB\n", "utf-8")

    write_between(page, "speed", "new")

    assert page.read_text("utf-8") == ("# A\n\n<!-- speed -->\n\nnew\n\n<!-- /speed -->\n\nB\n")


def test_a_page_without_markers_is_refused(tmp_path: Path) -> None:
    page = tmp_path / "page.md"

    with pytest.raises(BenchError, match="has no lines `<!-- speed -->`"):
        write_between(page, "speed", "new")
