"""`guide export` writes what learners take along, and over nothing that is there."""

from __future__ import annotations

import json
import os
import re
import zipfile
from pathlib import Path

import pytest

from guide.publishing.printing import find_browser, print_pages, repeatable
from in_process import guide
from mini_project import MiniProject
from site_server import ServedSite, run_guide


def test_a_deck_is_written_from_the_site_and_anew_when_pages_changed(
    recorded: MiniProject,
) -> None:
    rendered = guide(recorded.root, "export", "json", "--output", "out/first.json")
    assert rendered.returncode == 0, rendered.stdout + rendered.stderr
    assert "Rendering" in rendered.stderr
    first = json.loads(recorded.read("out/first.json"))
    assert [card["id"] for card in first["cards"]] == [
        "methods-safe",
        "methods-prefetch",
        "methods-head",
    ]

    assert guide(recorded.root, "build").returncode == 0
    done = guide(recorded.root, "export", "anki")
    assert (done.returncode, done.stdout) == (0, "Wrote backend-study-guide.apkg\n")
    assert "From site/" in done.stderr
    with zipfile.ZipFile(recorded.path("backend-study-guide.apkg")) as package:
        assert "collection.anki2" in package.namelist()

    again = guide(recorded.root, "export", "anki")
    assert again.returncode == 2
    assert "--force" in again.stderr
    assert guide(recorded.root, "export", "anki", "--force").returncode == 0

    recorded.replace("docs/http/methods.md", "GET, HEAD, OPTIONS", "GET, HEAD, QUERY, OPTIONS")
    os.utime(recorded.path("docs/http/methods.md"), (2_000_000_000, 2_000_000_000))
    renewed = guide(recorded.root, "export", "json", "--output", "second.json")
    assert renewed.returncode == 0, renewed.stdout + renewed.stderr
    assert "QUERY" in recorded.read("second.json")


def test_a_page_that_does_not_render_is_a_finding_and_nothing_is_written(
    recorded: MiniProject,
) -> None:
    recorded.replace("docs/index.md", "#methods-safe", "#gone")

    done = guide(recorded.root, "export", "json")

    assert done.returncode == 1
    assert "Nothing was written." in done.stderr
    assert not recorded.path("backend-study-guide.json").exists()


def test_printing_without_sheets_or_without_a_browser_says_so(
    recorded: MiniProject, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    done = guide(recorded.root, "export", "print")
    assert done.returncode == 2
    assert "no sheets to print" in done.stderr

    git = tmp_path / "bin"
    git.mkdir()
    done = run_guide(recorded.root, "build", "--pdf", PATH=str(git))
    assert done.returncode == 2
    assert "Chromium" in done.stderr
    assert not recorded.path("site").exists()


EXPORTS = """\
---
title: Take it along
description: "What there is to take along."
---

# Take it along

Cards and sheets, made of the pages of this guide whenever it is built.
"""


@pytest.mark.usefixtures("chromium_path")
def test_sheets_are_printed_into_the_site_or_a_folder(project: MiniProject) -> None:
    project.write("docs/practice/exports.md", EXPORTS)
    names = ("practice/exports", "exports/http-questions", "exports/http-sheet")
    nav = "".join(f"  - {name}.md\n" for name in names)
    project.replace("mkdocs.yml", "  - http/index.md\n", f"{nav}  - http/index.md\n")
    assert guide(project.root, "check", "--fix").returncode == 0

    done = run_guide(project.root, "build", "--pdf")
    assert done.returncode == 0, done.stdout + done.stderr
    page = project.read("site/practice/exports/index.html")
    for name in ("http-questions", "http-sheet"):
        assert f"href=../../exports/{name}.pdf" in page
        assert project.path(f"site/exports/{name}.pdf").read_bytes().startswith(b"%PDF-")

    assert run_guide(project.root, "export", "print").returncode == 0
    assert {file.name for file in project.path("sheets").iterdir()} == {
        "http-questions.pdf",
        "http-sheet.pdf",
    }
    again = run_guide(project.root, "export", "print")
    assert again.returncode == 2
    assert "--force" in again.stderr


@pytest.mark.usefixtures("chromium_path")
def test_a_sheet_is_printed_with_links_to_the_published_site_and_without_a_clock(
    built_site: ServedSite, tmp_path: Path
) -> None:
    assert find_browser()
    page, url = "exports/caching-questions/index.html", "https://example.org/guide/"
    seen: list[tuple[int, int]] = []
    files = [tmp_path / "first.pdf", tmp_path / "second.pdf"]
    for file in files:
        print_pages(built_site.folder, url, {page: file}, lambda *done: seen.append(done))

    first, second = (file.read_bytes() for file in files)
    assert first == second
    assert first.startswith(b"%PDF-")
    links = set(re.findall(rb"/URI \(([^)]*)\)", first))
    assert b"https://example.org/guide/caching/http-caching/#" in b" ".join(sorted(links))
    assert {link for link in links if not link.startswith(b"https://")} == set()
    assert seen == [(0, 1), (1, 1)] * 2


def test_what_a_browser_counts_and_when_it_printed_is_not_in_a_pdf() -> None:
    page = b"/ID (node%08d)>> /Names [(node%08d) 7 0 R] /CreationDate (D:20261122065500+00'00')"

    first, second = (repeatable(page % (node, node + step)) for node, step in ((344, 2), (345, 7)))

    assert first == second
    assert len(first) == len(page % (0, 0))
    assert b"(node00000000)" in first
    assert b"(node00000001)" in first
