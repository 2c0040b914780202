"""What moved is found under its old address in the published site."""

from __future__ import annotations

import pytest
from selectolax.lexbor import LexborHTMLParser

from in_process import guide
from mini_project import MiniProject, make_mini_project


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> MiniProject:
    project = make_mini_project(tmp_path_factory.mktemp("moved") / "mini")
    project.write(
        "docs/redirects.yml",
        "- {old: http/methods.md#verbs, new: http/methods.md#methods-safe}\n"
        "- {old: http/methods.md#start, new: index.md}\n"
        "- {old: http/verbs.md, new: http/methods.md#pitfalls}\n",
    )
    assert guide(project.root, "check", "--fix").returncode == 0
    done = guide(project.root, "build")
    assert done.returncode == 0, done.stdout + done.stderr
    return project


def test_an_id_that_moved_leads_on(published: MiniProject) -> None:
    page = LexborHTMLParser(published.read("site/http/methods/index.html"))

    found = {
        item.id: (item.text(), item.css_first("a").attributes["href"])
        for item in page.css("li:is(#verbs, #start)")
    }
    assert found == {
        "verbs": ("This part moved: HTTP methods", "./#methods-safe"),
        "start": ("This part moved: Mini guide", "../../"),
    }


def test_a_page_that_moved_leads_on(published: MiniProject) -> None:
    html = published.read("site/http/verbs/index.html")

    assert 'http-equiv="refresh"' in html
    assert "../methods/#pitfalls" in html


def test_redirects_are_in_no_sitemap(published: MiniProject) -> None:
    assert "verbs" not in published.read("site/sitemap.xml")
