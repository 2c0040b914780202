"""The published site is replaced whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from guide.building import site_url
from guide.publishing.placing import put_in_place, recover


def tree(folder: Path, text: str) -> Path:
    folder.mkdir(parents=True)
    (folder / "index.html").write_text(text)
    return folder


def test_a_new_site_takes_the_place_of_the_old_one(tmp_path: Path) -> None:
    site, fresh = tree(tmp_path / "site", "old"), tree(tmp_path / "fresh", "new")

    put_in_place(fresh, site)

    assert (site / "index.html").read_text() == "new"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["site"]


def test_a_first_site_needs_no_old_one(tmp_path: Path) -> None:
    put_in_place(tree(tmp_path / "fresh", "new"), tmp_path / "site")

    assert (tmp_path / "site" / "index.html").read_text() == "new"


def test_a_failed_replacement_brings_the_old_site_back(tmp_path: Path) -> None:
    site = tree(tmp_path / "site", "old")

    with pytest.raises(OSError, match="fresh"):
        put_in_place(tmp_path / "fresh", site)

    assert (site / "index.html").read_text() == "old"


def test_a_replacement_that_was_killed_half_way_is_undone(tmp_path: Path) -> None:
    tree(tmp_path / ".site.previous", "old")

    recover(tmp_path / "site")

    assert (tmp_path / "site" / "index.html").read_text() == "old"


def test_a_leftover_beside_a_whole_site_is_removed(tmp_path: Path) -> None:
    site = tree(tmp_path / "site", "new")
    tree(tmp_path / ".site.previous", "old")

    recover(site)

    assert (site / "index.html").read_text() == "new"
    assert not (tmp_path / ".site.previous").exists()


@pytest.mark.parametrize(
    ("value", "expected"),
    [("https://x.org/guide", "https://x.org/guide/"), ("https://x.org/", "https://x.org/")],
)
def test_the_site_url_always_ends_in_a_slash(
    monkeypatch: pytest.MonkeyPatch, value: str, expected: str
) -> None:
    monkeypatch.setenv("GUIDE_SITE_URL", value)

    assert site_url() == expected
