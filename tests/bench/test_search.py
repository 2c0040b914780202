"""The search of the theme is what is left when ours is taken out."""

from __future__ import annotations

from pathlib import Path

import pytest

from search_sites import strip
from support import ROOT
from workspace import BenchError, copy_project


def test_nothing_of_our_search_is_left_in_the_stock_site(tmp_path: Path) -> None:
    root = copy_project(ROOT, tmp_path / "stock", drawings=False)
    strip(root)
    templates = [path.read_text("utf-8") for path in (root / "overrides").rglob("*.html")]
    assert not any("lazy-search" in text for text in templates)
    assert not any("search-query" in text for text in templates)


def test_a_search_made_of_other_parts_is_refused(tmp_path: Path) -> None:
    root = copy_project(ROOT, tmp_path / "stock", drawings=False)
    strip(root)
    with pytest.raises(BenchError, match=r"is gone: say in search_sites\.py"):
        strip(root)
