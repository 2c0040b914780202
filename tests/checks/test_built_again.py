"""Pages of a built site that did not change are not checked again, and tell the same."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import pytest

from guide.checks.built import check_site, html_valid, pages
from guide.library.memo import Memo
from small_site import URL, SmallSite


@pytest.fixture
def memo(tmp_path: Path) -> Path:
    return tmp_path / "memo"


def found(site: SmallSite, memo: Path) -> list[tuple[str, int, str]]:
    """What a run finds that remembers what earlier runs left in `memo`."""
    kept = Memo(memo)
    report = check_site(site.root, URL, kept)
    kept.save()
    return [(finding.path, finding.line, finding.rule) for finding in report.findings]


def test_what_is_wrong_is_told_again(site: SmallSite, memo: Path) -> None:
    site.add('<p>**bold** <img src="../assets/b.svg"></p>')
    wanted = found(site, memo)

    assert {rule for _, _, rule in wanted} == {"raw-markdown", "html-valid"}
    assert found(site, memo) == wanted


def test_an_unchanged_page_is_not_parsed_again(
    site: SmallSite, memo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert found(site, memo) == []
    parsed: list[str] = []
    monkeypatch.setattr(html_valid, "html_errors", lambda html: parsed.append(html) or ())
    site.add("<p>One more paragraph.</p>")

    assert found(site, memo) == []

    assert len(parsed) == 1
    assert "One more paragraph." in parsed[0]


def test_links_to_a_page_that_changed_are_checked(site: SmallSite, memo: Path) -> None:
    site.edit('<a href="page/">', '<a href="page/#top">', "index.html")
    assert found(site, memo) == []

    site.edit('id="top"', 'id="start"')

    assert ("site/index.html", 4, "built-anchor") in found(site, memo)


def test_another_address_of_the_site_is_another_site(site: SmallSite, memo: Path) -> None:
    kept = Memo(memo)
    assert check_site(site.root, URL, kept).errors == 0

    moved = check_site(site.root, "https://example.org/elsewhere/", kept)

    assert {finding.rule for finding in moved.findings} >= {"built-target"}


def test_many_pages_are_checked_side_by_side_like_few(site: SmallSite, memo: Path) -> None:
    page = (site.root / "page" / "index.html").read_text()
    for number in range(40):
        site.write(f"page{number}/index.html", page.replace("Page", f"Page {number}"))
        site.edit("<h1", "<p>**bold**</p><h1", f"page{number}/index.html")

    side_by_side = found(site, memo)

    raw = [path for path, _, rule in side_by_side if rule == "raw-markdown"]
    assert raw == sorted(f"site/page{number}/index.html" for number in range(40))
    assert found(site, memo) == side_by_side


def test_a_process_that_ends_early_costs_time_only(
    site: SmallSite, memo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = (site.root / "page" / "index.html").read_text()
    for number in range(40):
        site.write(f"page{number}/index.html", page.replace("Page", f"Page {number}"))
    site.edit("<h1", "<p>**bold**</p><h1", "page39/index.html")

    class Broken(pages.ProcessPoolExecutor):
        def map(self, *arguments: object, **options: object) -> Iterator[object]:
            yield next(iter(super().map(*arguments, **options)))  # type: ignore[arg-type]
            raise BrokenProcessPool

    monkeypatch.setattr(pages, "ProcessPoolExecutor", Broken)

    told = [path for path, _, rule in found(site, memo) if rule == "raw-markdown"]
    assert told == ["site/page39/index.html"]
