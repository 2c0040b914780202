"""`guide new topic` writes a page that passes every check and overwrites nothing."""

from __future__ import annotations

import pytest

from guide.scaffold import ScaffoldError, new_topic
from mini_project import TOPIC, MiniProject


def test_the_skeleton_passes_every_check(project: MiniProject) -> None:
    new_topic(project.library(), "http/caching")

    assert [finding for finding in project.findings() if finding.severity == "error"] == []


def test_the_skeleton_leaves_notes_on_what_is_to_be_done(project: MiniProject) -> None:
    new_topic(project.library(), "http/caching")

    notes = [f for f in project.findings() if f.severity == "note"]
    assert {f.rule for f in notes} == {"ledger", "leftovers"}
    assert [f.message for f in notes if f.rule == "ledger"] == [
        "`s0-q02` (Caching) is not covered, though docs/http/caching.md is written"
    ]


def test_the_skeleton_asks_the_questions_of_the_map(project: MiniProject) -> None:
    new_topic(project.library(), "http/caching")

    (question,) = project.library().pages["http/caching.md"].questions
    assert question.text == "What does no-store mean?"
    assert question.id == "no-store-mean"


def test_the_skeleton_shows_the_examples_that_were_ahead_of_it(project: MiniProject) -> None:
    project.replace("docs/http/code/greeting/example.yml", "topic: methods", "topic: caching")

    new_topic(project.library(), "http/caching")

    text = project.read("docs/http/caching.md")
    assert "## In code\n\nIt prints.\n\n/// tab | Python\n" in text
    assert '--8<-- "http/code/greeting/example.py:show"' in text


def test_the_page_follows_its_area_in_the_navigation(project: MiniProject) -> None:
    before = project.read("mkdocs.yml")

    new_topic(project.library(), "http/caching")

    assert project.read("mkdocs.yml") == before.replace(
        "  - http/methods.md\n", "  - http/methods.md\n  - http/caching.md\n"
    )


def test_an_area_without_an_entry_is_said_with_what_to_do(project: MiniProject) -> None:
    for page in ("index", "methods"):
        project.replace("mkdocs.yml", f"  - http/{page}.md\n", "")

    with pytest.raises(ScaffoldError) as refused:
        new_topic(project.library(), "http/caching")

    assert str(refused.value) == (
        "docs/http/caching.md was written, but mkdocs.yml has no entry of the area `http` to put "
        "`http/caching.md` after; add it to `nav` yourself"
    )


def test_an_existing_page_is_left_alone(project: MiniProject) -> None:
    with pytest.raises(ScaffoldError, match="exists already; it was left as it is"):
        new_topic(project.library(), "http/methods")

    assert project.read("docs/http/methods.md") == TOPIC


def test_an_unknown_topic_names_the_nearest(project: MiniProject) -> None:
    with pytest.raises(ScaffoldError, match=r"did you mean `http/caching`\?"):
        new_topic(project.library(), "http/cacheing")


@pytest.mark.parametrize("name", ["../evil", "/etc/passwd", "http/../../evil", ""])
def test_no_name_leads_out_of_docs(project: MiniProject, name: str) -> None:
    with pytest.raises(ScaffoldError, match="the map has no topic"):
        new_topic(project.library(), name)
