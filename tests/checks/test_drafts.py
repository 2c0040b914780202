"""What rules ask of drafts, of pages beside them, and of documents that wait for review."""

from __future__ import annotations

import pytest

from guide import indexes
from guide.topic_context import topic_context
from mini_project import TOPIC, MiniProject

HEAD = """\
---
title: Raw notes
description: "Notes that are on their way to become a page."
draft: true
---

# Raw notes

Everything about caches.
"""
QUESTION = """
## Interview questions

### What is a cache? { #what-is-a-cache }

A copy of what was asked before.

## Check yourself

### Which of them is one? { #which-is-one }

- A browser
"""
DOCUMENTS = "docs/sources/documents.yml"
DRAFT_DOCUMENT = (
    "- {id: 1, slug: new-notes, title: New notes, description: Newer notes., draft: true}\n"
)
UNITS = """\
- {id: s1-q01, kind: question, title: What is a cache?, topics: [methods]}
- {id: s1-q02, kind: question, title: Where is it?, topics: []}
"""
COVERAGE = '- {unit: s1-q01, at: ["intake/notes#what-is-a-cache"]}\n'


def errors(project: MiniProject) -> list[str]:
    """Errors as `path:line rule message`, in the order of a report."""
    return [
        f"{each.path}:{each.line} {each.rule} {each.message}"
        for each in project.findings()
        if each.severity == "error"
    ]


def notes(project: MiniProject, rule: str) -> list[str]:
    return [
        f"{each.path}:{each.line} {each.message}"
        for each in project.findings()
        if each.severity == "note" and each.rule == rule
    ]


@pytest.fixture
def incoming(project: MiniProject) -> MiniProject:
    """A document that waits for review: a draft page, two units, where one of them stands."""
    take_in(project)
    return project


def take_in(project: MiniProject) -> None:
    project.write("docs/intake/notes.md", HEAD + QUESTION)
    append(project, DOCUMENTS, DRAFT_DOCUMENT)
    append(project, "docs/sources/units.yml", UNITS)
    append(project, "docs/sources/coverage.yml", COVERAGE)


def append(project: MiniProject, name: str, text: str) -> None:
    project.write(name, project.read(name) + text)


def test_a_draft_stands_in_the_intake_or_in_an_area(project: MiniProject) -> None:
    for path in ("intake/notes.md", "intake/old/notes.md", "http/notes.md"):
        project.write(f"docs/{path}", HEAD)

    assert errors(project) == []


@pytest.mark.parametrize("path", ["docs/notes.md", "docs/about/notes.md", "docs/http/old/notes.md"])
def test_elsewhere_it_is_refused(project: MiniProject, path: str) -> None:
    project.write(path, HEAD)

    assert errors(project) == [
        f"{path}:4 draft-place a draft belongs in docs/intake/ or in the folder of an area"
    ]


def test_a_page_of_the_intake_says_that_it_is_a_draft(project: MiniProject) -> None:
    project.write("docs/intake/old/notes.md", HEAD.replace("draft: true\n", ""))

    assert errors(project) == [
        "docs/intake/old/notes.md:1 draft-place a page in docs/intake/ is a draft"
    ]


def test_what_a_raw_document_cannot_have_is_a_note(project: MiniProject) -> None:
    diagram = "\n```mermaid\nflowchart LR\n  A --> B\n```\n\n![](cache.png)\n"
    project.write("docs/intake/notes.md", HEAD + diagram + QUESTION)
    project.write("docs/intake/cache.png", b"")

    assert errors(project) == []
    found = {each.rule for each in project.findings() if each.severity == "note"}
    assert found == {
        "anatomy",
        "diagram-text",
        "image-text",
        "question-parts",
        "quiz-count",
        "quiz-options",
    }


def test_level_tags_and_review_are_asked_for_once_it_is_no_draft(project: MiniProject) -> None:
    project.write("docs/http/caching.md", HEAD.replace("draft: true", "draft: false"))

    assert [each for each in errors(project) if "front-matter" in each] == [
        "docs/http/caching.md:4 front-matter `level` is missing",
        "docs/http/caching.md:4 front-matter `reviewed` is missing",
        "docs/http/caching.md:4 front-matter `tags` is missing",
    ]


def test_what_a_draft_does_say_is_checked(project: MiniProject) -> None:
    said = "level: hard\ntags: [htpp]\nreviewed: 2999-01-01\ndraft: true"
    project.write("docs/http/notes.md", HEAD.replace("draft: true", said))
    (level,) = errors(project)
    assert level.startswith("docs/http/notes.md:4 front-matter `level`: ")

    project.replace("docs/http/notes.md", "level: hard\n", "")
    assert errors(project) == [
        "docs/http/notes.md:4 tags unknown tag `htpp`",
        "docs/http/notes.md:5 review-date reviewed on 2999-01-01, which is in the future",
    ]


def test_the_map_need_not_know_a_draft(project: MiniProject) -> None:
    project.write("docs/http/unheard-of.md", HEAD)

    assert errors(project) == []


def test_a_draft_that_is_wrong_in_its_head_is_still_a_draft(project: MiniProject) -> None:
    project.write("docs/http/notes.md", HEAD.replace("title: Raw notes\n", ""))

    assert errors(project) == ["docs/http/notes.md:2 front-matter `title` is missing"]
    assert not project.library().pages["http/notes.md"].is_published


def test_a_published_page_does_not_link_to_a_draft(project: MiniProject) -> None:
    project.write("docs/http/notes.md", HEAD + "\n[More notes](../intake/more.md)\n")
    project.write("docs/intake/more.md", HEAD + "\n[The methods](../http/methods.md)\n")
    line = project.replace("docs/http/methods.md", "Links that delete.", "[Notes](notes.md).")

    assert errors(project) == [
        f"docs/http/methods.md:{line} link-target "
        "`notes.md` leads to a draft, which is not published"
    ]


def test_a_redirect_does_not_lead_to_a_draft(project: MiniProject) -> None:
    project.write("docs/http/notes.md", HEAD)
    project.write("docs/redirects.yml", "- {old: http/verbs.md, new: http/notes.md}\n")

    assert errors(project) == ["docs/redirects.yml:1 redirects `http/notes.md` does not exist"]


def test_a_published_page_does_not_become_a_draft_unseen(project: MiniProject) -> None:
    project.write("docs/ids.txt", "http/methods.md\nhttp/methods.md#methods-safe\n")
    project.write("docs/http/methods.md", TOPIC.replace("reviewed:", "draft: true\nreviewed:"))

    assert [each for each in errors(project) if "id-permanence" in each] == [
        "docs/http/methods.md:9 id-permanence "
        "the published page docs/http/methods.md is a draft now"
    ]


def test_text_of_a_page_in_a_draft_is_the_drafts_matter(project: MiniProject) -> None:
    words = " ".join(f"word{number} and" for number in range(30))
    project.write("docs/intake/notes.md", f"{HEAD}\n{words}.\n")
    project.write("docs/http/methods.md", TOPIC.replace("Links that delete.", f"{words}."))

    found = [each for each in project.findings() if each.rule == "near-duplicate"]

    assert [(each.path, each.severity) for each in found] == [("docs/intake/notes.md", "note")]


def test_a_document_on_its_way_in_is_one_note(incoming: MiniProject) -> None:
    assert errors(incoming) == []
    assert notes(incoming, "ledger") == [
        f"{DOCUMENTS}:2 `new-notes` is a draft; units that wait for review: 2"
    ]


def test_what_it_refers_to_is_there_all_the_same(incoming: MiniProject) -> None:
    incoming.replace("docs/sources/units.yml", "What is a cache?, topics: [m", "X, topics: [M")
    incoming.replace("docs/sources/coverage.yml", "#what-is-a-cache", "#what-is-cash")

    assert errors(incoming) == [
        "docs/sources/coverage.yml:2 ledger `s1-q01` is said to be at "
        "`intake/notes#what-is-cash`, but docs/intake/notes.md has no such anchor",
        "docs/sources/units.yml:3 ledger `Methods` does not exist",
    ]


def test_figures_and_generated_pages_do_not_count_it(project: MiniProject) -> None:
    before = indexes.figures(project.library()), indexes.generate(project.library())

    take_in(project)

    assert (indexes.figures(project.library()), indexes.generate(project.library())) == before


def test_a_topic_page_does_not_name_its_units(incoming: MiniProject) -> None:
    incoming.replace("docs/sources/coverage.yml", "intake/notes#what-is-a-cache", "http/methods#x")
    library = incoming.library()

    context = topic_context(library, library.pages["http/methods.md"], "")

    assert context is not None
    assert [unit.id for unit in context.units] == ["s0-q01"]


def test_the_theme_is_told_what_a_draft_does_not_say(incoming: MiniProject) -> None:
    library = incoming.library()

    context = topic_context(library, library.pages["intake/notes.md"], "")

    assert context is not None
    assert (context.draft, context.level, context.reviewed, context.area) == (True, "", "", None)
    assert context.tags == ()


def test_without_the_mark_it_is_a_document_like_any_other(incoming: MiniProject) -> None:
    incoming.replace(DOCUMENTS, ", draft: true", "")

    assert [each for each in errors(incoming) if "link-target" not in each] == [
        "docs/about/errata/new-notes.md:1 nav-complete the page is not in the navigation",
        "docs/sources/coverage.yml:2 ledger `s1-q01` is said to be at "
        "`intake/notes#what-is-a-cache`, but docs/intake/notes.md is a draft",
        "docs/sources/new-notes.md:1 nav-complete the page is not in the navigation",
        "docs/sources/units.yml:4 ledger `s1-q02` is given to no topic",
    ]
    assert notes(incoming, "ledger") == [
        "docs/sources/units.yml:3 `s1-q01` (What is a cache?) is not covered, "
        "though docs/http/methods.md is written"
    ]
