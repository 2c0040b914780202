"""What benchmarks record becomes one table."""

from __future__ import annotations

from pathlib import Path

import pytest

from figures import Figure, record
from workspace import BenchError


@pytest.fixture
def page(tmp_path: Path) -> Path:
    page = tmp_path / "page.md"
    page.write_text("# A\n\n<!-- figures -->\nold\n<!-- /figures -->\n\nB\n", "utf-8")
    return page


def test_records_of_two_benchmarks_stand_in_one_table(page: Path, tmp_path: Path) -> None:
    records = tmp_path / "figures"
    weight = Figure("weight", "at most 100 kB", {"guide": "99 kB", "furo": "200 kB"}, holds=True)
    edit = Figure("edit to page", "at most 2 s", {"guide": "3 s"}, holds=False)

    record("preview", [edit], page, records)
    record("reader", [weight], page, records)

    assert page.read_text("utf-8") == (
        "# A\n\n<!-- figures -->\n\n"
        "| | Asked | This guide | Sphinx, Furo |\n"
        "|---|---|---:|---:|\n"
        "| Reader: weight | at most 100 kB | 99 kB | 200 kB |\n"
        "| Author: preview: edit to page | at most 2 s | **3 s** |  |\n\n"
        "1 of 2 are kept; bold ones are not.\n\n"
        "<!-- /figures -->\n\nB\n"
    )


def test_a_second_run_replaces_the_figures_of_the_first(page: Path, tmp_path: Path) -> None:
    for seconds in ("3 s", "4 s"):
        record("preview", [Figure("edit", "", {"guide": seconds})], page, tmp_path / "figures")

    assert "3 s" not in page.read_text("utf-8")
    assert "4 s" in page.read_text("utf-8")


def test_a_name_that_no_table_has_is_refused(page: Path, tmp_path: Path) -> None:
    with pytest.raises(BenchError, match="no topic 'weather'"):
        record("weather", [], page, tmp_path / "figures")
    with pytest.raises(BenchError, match="no column 'wiki'"):
        record("reader", [Figure("weight", "", {"wiki": "1 kB"})], page, tmp_path / "figures")
