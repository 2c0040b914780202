"""Drafts are checked like pages, may lack what drafts lack, and are published nowhere."""

from __future__ import annotations

import pytest

from mini_project import TOPIC, MiniProject
from site_server import run_guide

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


def test_a_draft_is_in_no_page_index_search_or_sitemap(drafting: MiniProject) -> None:
    assert run_guide(drafting.root, "check", "--fix").returncode == 0
    done = run_guide(drafting.root, "build")
    assert done.returncode == 0, done.stdout + done.stderr

    assert not drafting.path("site/intake").exists()
    published = [
        path.relative_to(drafting.root).as_posix()
        for path in drafting.path("site").rglob("*")
        if path.suffix in (".html", ".json", ".xml") and b"zebra" in path.read_bytes().lower()
    ]
    assert published == []
    assert "raw-notes" not in drafting.read("site/sitemap.xml")
    assert "Raw notes" not in drafting.read("site/topics/a-z/index.html")
    assert "intake" not in drafting.read("docs/ids.txt")
