"""The built HTML is checked as readers get it: where its references lead."""

from __future__ import annotations

from pathlib import Path

import pytest

from guide.checks.built import check_site
from site_server import ServedSite
from small_site import URL, SmallSite


def reported(site: SmallSite) -> list[tuple[str, int, str]]:
    return [(f.path, f.line, f.rule) for f in site.findings()]


def test_a_good_site_is_clean(site: SmallSite) -> None:
    found = check_site(site.root, URL)

    assert found.findings == ()
    assert found.counts == {"built pages": 2, "built references": 7}


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
        ('<a href="#top">', '<img alt="" src="x.png"><a href="#top">', "built-target"),
        (
            '<a href="#top">',
            '<script src="//cdn.example/x.js"></script><a href="#top">',
            "third-party",
        ),
        (
            '<a href="#top">',
            '<img alt="" srcset="https://cdn.example/x.png 2x"><a href="#top">',
            "third-party",
        ),
        ('id="t"', 'id="top"', "unique-id"),
        ('<svg role="img">', '<svg role="img" class="mermaid">', "static-diagram"),
        ('<svg role="img">', '<pre class="mermaid">x</pre><svg role="img">', "static-diagram"),
    ],
)
def test_each_defect_is_found_on_its_line(site: SmallSite, old: str, new: str, rule: str) -> None:
    site.edit(old, new)
    html = (site.root / "page" / "index.html").read_text()

    ((path, line, found_rule),) = reported(site)

    assert (path, found_rule) == ("site/page/index.html", rule)
    assert new.split("=")[-1].strip('"') in html.split("\n")[line - 1] or rule == "unique-id"


def test_a_stylesheet_may_not_reach_outside(site: SmallSite) -> None:
    (site.root / "assets" / "a.css").write_text("@import 'https://fonts.example/x.css';")

    assert reported(site) == [("site/assets/a.css", 1, "third-party")]


def test_a_stylesheet_may_not_name_missing_files(site: SmallSite) -> None:
    (site.root / "assets" / "b.svg").unlink()

    assert reported(site) == [("site/assets/a.css", 1, "built-target")]


def test_an_empty_site_does_not_pass(tmp_path: Path) -> None:
    found = [(f.path, f.rule) for f in check_site(tmp_path, URL).findings]

    assert found == [("site", "nothing-checked"), ("site/sitemap.xml", "site-complete")]


def test_the_published_guide_has_no_finding(built_site: ServedSite) -> None:
    assert check_site(built_site.folder, built_site.url).findings == ()
