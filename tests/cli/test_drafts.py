"""Drafts are checked like pages, may lack what drafts lack, and are published nowhere."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from guide.scaffold import new_topic
from in_process import guide
from mini_project import TOPIC, MiniProject
from support import ROOT

DRAFT = "docs/intake/raw-notes.md"
TEXT = """\
---
title: Raw notes
description: "Notes that are on their way to become a page."
level: core
tags: [http]
reviewed: 2026-11-20
draft: true
---

# Raw notes

A zebra crossing is where pedestrians meet traffic.
"""


@pytest.fixture
def drafting(project: MiniProject) -> MiniProject:
    project.write(DRAFT, TEXT)
    return project


def rules(project: MiniProject, severity: str) -> set[str]:
    return {f.rule for f in project.findings() if f.path == DRAFT and f.severity == severity}


def test_what_a_draft_may_lack_is_a_note(drafting: MiniProject) -> None:
    assert rules(drafting, "note") == {"anatomy", "quiz-count"}
    assert rules(drafting, "error") == set()


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("[Gone](gone.md)", "link-target"),
        ("```json\n{\n```", "code-syntax"),
        ("### Why?\n\nBecause.\n\n### Why?\n\nBecause.", "heading-unique"),
    ],
)
def test_everything_else_is_an_error_as_in_any_page(
    drafting: MiniProject, text: str, rule: str
) -> None:
    drafting.write(DRAFT, f"{TEXT}\n## Part\n\n{text}\n")

    assert rule in rules(drafting, "error")


def test_text_that_a_page_has_already_is_a_note_on_the_draft(drafting: MiniProject) -> None:
    words = " ".join(f"word{number} and" for number in range(30))
    drafting.write(DRAFT, f"{TEXT}\n{words}.\n")
    drafting.write("docs/http/methods.md", TOPIC.replace("Links that delete.", f"{words}."))

    assert "near-duplicate" in rules(drafting, "note")


IN_AREA = """\
---
title: Zebra notes
description: "Notes that stand in their area already."
draft: true
---

# Zebra notes

A zebra crossing in HTTP.

## Interview questions

### Where do zebras cross? { #zebra-crossing }

Where they may.
"""
NAV = """\
  - http/notes.md
  - Drafts:
      - Zebras:
          - intake/raw-notes.md
          - More about zebras: intake/zebras/more.md
"""


def add_drafts(project: MiniProject) -> None:
    """Drafts in the intake and in an area, in the navigation, and their document in the ledger."""
    project.write(DRAFT, TEXT.replace("2026-11-20", "2026-11-21"))
    project.write("docs/intake/zebras/more.md", IN_AREA.replace("-crossing", "-more"))
    project.write("docs/http/notes.md", IN_AREA)
    for name, text in (
        ("mkdocs.yml", NAV),
        ("docs/sources/documents.yml", LEDGER[0]),
        ("docs/sources/units.yml", LEDGER[1]),
        ("docs/sources/coverage.yml", LEDGER[2]),
    ):
        project.write(name, project.read(name) + text)


LEDGER = (
    "- {id: 1, slug: zebras, title: Zebras, description: Zebra notes., draft: true}\n",
    "- {id: s1-q01, kind: question, title: Zebras cross, topics: [methods]}\n"
    "- {id: s1-q02, kind: question, title: Zebras wait, topics: []}\n",
    '- {unit: s1-q01, at: ["http/notes#zebra-crossing"]}\n',
)


def build(project: MiniProject) -> dict[str, bytes]:
    """Every file of the published site."""
    assert guide(project.root, "check", "--fix").returncode == 0
    done = guide(project.root, "build")
    assert done.returncode == 0, done.stdout + done.stderr
    return site_of(project)


def site_of(project: MiniProject) -> dict[str, bytes]:
    site = project.path("site")
    files = (path for path in site.rglob("*") if path.is_file())
    return {path.relative_to(site).as_posix(): path.read_bytes() for path in files}


def test_drafts_change_nothing_that_is_published(published: MiniProject) -> None:
    before = site_of(published)
    manifest = published.read("docs/ids.txt")

    add_drafts(published)

    assert build(published) == before
    assert published.read("docs/ids.txt") == manifest


def test_the_renderer_says_nothing_about_drafts_in_the_navigation(project: MiniProject) -> None:
    add_drafts(project)

    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict"],
        cwd=project.root,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    lines = [line for line in done.stderr.splitlines() if line.startswith(("INFO", "WARN"))]
    assert [line for line in lines if "draft" in line or "notes" in line or "nav" in line] == []
    assert lines != []


def test_while_serving_drafts_are_in_the_navigation_and_say_what_they_are(
    project: MiniProject,
) -> None:
    add_drafts(project)
    project.replace("mkdocs.yml", "  name: material\n", THEME)
    done = subprocess.run(
        [sys.executable, "-c", SERVED],
        cwd=project.root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr

    pages = ("", "http/notes/", "intake/zebras/more/")
    home, notes, more = (project.read(f"site/{page}index.html") for page in pages)
    assert entries(home)[-2:] == ["Zebra notes", "Drafts"]
    assert list(dict.fromkeys(entries(more)))[-4:] == [
        "Drafts",
        "Zebras",
        "Raw notes",
        "More about zebras",
    ]
    for draft in (notes, more):
        assert re.search(r"</h1>\s*<p class=\"topic-draft\">Draft: not published", draft)
    assert "topic-draft" not in project.read("site/http/methods/index.html")


def entries(html: str) -> list[str]:
    """The texts of the navigation, in order; that of the page itself comes twice."""
    return re.findall(r'<span class="md-ellipsis">([^<\n]+)</span>', html)


THEME = f"  name: material\n  custom_dir: {ROOT / 'overrides'}\n"
SERVED = """\
from mkdocs.commands.build import build
from mkdocs.config import load_config

config = load_config("mkdocs.yml")
config.plugins.on_startup(command="serve", dirty=False)
build(config, serve_url="http://127.0.0.1:8000/")
"""
"""What `mkdocs serve` does before it waits for requests."""


def test_a_draft_that_is_one_no_more_is_published(project: MiniProject) -> None:
    page = "docs/http/caching.md"
    new_topic(project.library(), "http/caching")
    project.replace(page, "reviewed: 2026-11-20\n", "draft: true\n")
    assert "http/caching/index.html" not in build(project)

    project.replace(page, "draft: true\n", "reviewed: 2026-11-20\n")

    after = build(project)
    assert "http/caching/index.html" in after
    assert b"/http/caching/" in after["sitemap.xml"]
    assert "http/caching.md" in project.read("docs/ids.txt").split("\n")
    assert b"=../../http/caching/>" in after["topics/a-z/index.html"]


def test_a_document_that_is_no_draft_any_more_has_its_pages(project: MiniProject) -> None:
    add_drafts(project)
    project.replace("docs/sources/documents.yml", ", draft: true", "")
    project.replace("docs/sources/units.yml", "topics: []", "topics: [caching]")
    project.replace(
        "docs/sources/coverage.yml", "http/notes#zebra-crossing", "http/methods#pitfalls"
    )
    project.replace(
        "mkdocs.yml",
        "  - sources/old-notes.md\n",
        "  - sources/old-notes.md\n  - sources/zebras.md\n  - about/errata/zebras.md\n",
    )

    after = build(project)

    assert b"2 units, 1 covered, 1 open" in after["sources/zebras/index.html"]
    assert "about/errata/zebras/index.html" in after
