"""The built HTML is checked as readers get it."""

from __future__ import annotations

from pathlib import Path

import pytest

from guide.checks import check_site

URL = "https://example.org/guide/"
GOOD = """<!doctype html>
<html lang="en"><head><link rel="stylesheet" href="../assets/a.css"></head><body>
<h1 id="top">Page</h1>
<a href="#top">top</a> <a href="..">home</a> <a href="https://elsewhere.org/x">out</a>
<a href="https://example.org/guide/page/#top">absolute</a>
<svg role="img"><title id="t">x</title></svg>
</body></html>
"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    (tmp_path / "page").mkdir()
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text('<html><body><a href="page/">page</a></body></html>')
    (tmp_path / "page" / "index.html").write_text(GOOD)
    (tmp_path / "assets" / "a.css").write_text("p { background: url(b.svg) }")
    (tmp_path / "assets" / "b.svg").write_text("<svg/>")
    return tmp_path


def reported(site: Path) -> list[tuple[str, int, str]]:
    return [(f.path, f.line, f.rule) for f in check_site(site, URL).findings]


def edit(site: Path, old: str, new: str) -> None:
    page = site / "page" / "index.html"
    text = page.read_text()
    assert old in text
    page.write_text(text.replace(old, new))


def test_a_good_site_is_clean(site: Path) -> None:
    found = check_site(site, URL)

    assert found.findings == ()
    assert found.counts == {"built pages": 2, "built references": 6}


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ('href=".."', 'href="../../"', "built-target"),
        ('href=".."', 'href="../missing"', "built-target"),
        ('href=".."', 'href="../missing/"', "built-target"),
        ('href=".."', 'href="/other/"', "built-target"),
        ('href="#top"', 'href="#topp"', "built-anchor"),
        ("guide/page/#top", "guide/page/#topp", "built-anchor"),
        ("guide/page/#top", "guide/pages/#top", "built-target"),
        ('<a href="#top">', '<img src="x.png"><a href="#top">', "built-target"),
        (
            '<a href="#top">',
            '<script src="//cdn.example/x.js"></script><a href="#top">',
            "third-party",
        ),
        (
            '<a href="#top">',
            '<img srcset="https://cdn.example/x.png 2x"><a href="#top">',
            "third-party",
        ),
        ('id="t"', 'id="top"', "unique-id"),
        ('<svg role="img">', '<svg role="img" class="mermaid">', "static-diagram"),
        ('<svg role="img">', '<pre class="mermaid">x</pre><svg role="img">', "static-diagram"),
    ],
)
def test_each_defect_is_found_on_its_line(site: Path, old: str, new: str, rule: str) -> None:
    edit(site, old, new)
    html = (site / "page" / "index.html").read_text()

    ((path, line, found_rule),) = reported(site)

    assert (path, found_rule) == ("site/page/index.html", rule)
    assert new.split("=")[-1].strip('"') in html.split("\n")[line - 1] or rule == "unique-id"


def test_a_stylesheet_may_not_reach_outside(site: Path) -> None:
    (site / "assets" / "a.css").write_text("@import 'https://fonts.example/x.css';")

    assert reported(site) == [("site/assets/a.css", 1, "third-party")]


def test_a_stylesheet_may_not_name_missing_files(site: Path) -> None:
    (site / "assets" / "b.svg").unlink()

    assert reported(site) == [("site/assets/a.css", 1, "built-target")]


def test_an_empty_site_does_not_pass(tmp_path: Path) -> None:
    assert reported(tmp_path) == [("site", 1, "nothing-checked")]
