"""While serving, an edited page is there at once and the rest of the site follows."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import psutil
import pytest

from mini_project import make_mini_project
from preview_server import UP_TO_DATE, Preview, previewing

METHODS = "docs/http/methods.md"
STYLE = "docs/assets/extra.css"


@pytest.fixture(scope="module")
def preview(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Preview]:
    project = make_mini_project(tmp_path_factory.mktemp("preview") / "mini")
    project.write(STYLE, "p { color: teal }")
    with previewing(project) as preview:
        yield preview


def test_an_edited_page_is_there_before_the_pages_that_are_derived_from_it(
    preview: Preview,
) -> None:
    with preview.up_to_date_after(), preview.events("questions/") as index:
        assert next(index)["state"] == "current"
        preview.project.replace(METHODS, "Which methods are safe?", "Which of them are safe?")
        preview.shows("http/methods/", "Which of them are safe?")

        assert "Which of them are safe?" not in preview.get("questions/")
        assert next(index)["state"] == "behind"
        with preview.events("http/methods/") as edited:
            assert [next(edited)["state"] for _ in range(2)] == ["behind", "current"]
        assert next(index) == "reload"

    assert "Which of them are safe?" in preview.get("questions/")
    assert "preview: refreshed http/methods.md" in preview.said


def test_a_page_whose_content_did_not_change_is_not_reloaded(preview: Preview) -> None:
    with preview.events("glossary/") as glossary:
        assert next(glossary)["state"] == "current"
        with preview.up_to_date_after():
            preview.project.replace(METHODS, "Links that delete.", "Links that really delete.")

        assert [next(glossary)["state"] for _ in range(2)] == ["behind", "current"]


def test_a_new_title_is_on_all_pages_in_the_end(preview: Preview) -> None:
    assert "HTTP verbs" not in preview.get("about/examples/")

    with preview.up_to_date_after():
        preview.project.replace(METHODS, "title: HTTP methods", "title: HTTP verbs")
        preview.says(f"the title of {METHODS} changed: all pages are made anew")

    assert "HTTP verbs" in preview.get("about/examples/")


def test_an_edit_during_a_build_is_shown_at_once_and_kept(preview: Preview) -> None:
    done = preview.said.count(UP_TO_DATE)
    preview.project.replace(METHODS, "None worth a table.", "None that is worth a table.")
    preview.shows("http/methods/", "None that is worth a table.")

    preview.project.replace("docs/index.md", "Start with", "Just start with")
    preview.shows("", "Just start with")
    assert preview.said.count(UP_TO_DATE) == done

    preview.says(UP_TO_DATE, done + 1)
    assert "Just start with" in preview.get("")
    assert "None that is worth a table." in preview.get("http/methods/")


def test_while_a_page_cannot_be_read_its_last_good_state_is_shown(preview: Preview) -> None:
    text = preview.project.read(METHODS)
    with preview.events("http/methods/") as events:
        assert next(events)["state"] == "current"
        preview.project.write(METHODS, text.replace("```\n\n## In code", "\n\n## In code"))
        told = next(events)

    assert told["state"] == "broken"
    assert told["text"].startswith(f"{METHODS}:22: this fence swallows")
    assert f"ERROR   -  preview: {METHODS}:22:1 this fence swallows" in preview.said
    assert '<h2 id="in-code">' in preview.get("http/methods/")
    with preview.up_to_date_after():
        preview.project.write(METHODS, text.replace("Links that", "Mended links that"))

    assert "Mended links that" in preview.get("http/methods/")


def test_data_that_cannot_be_read_leaves_the_site_as_it_is(preview: Preview) -> None:
    topics = preview.project.read("docs/topics.yml")
    preview.project.write("docs/topics.yml", topics.replace("level: core", "level: hard"))
    preview.says("the last good site is shown")
    assert "preview: docs/topics.yml:" in preview.said
    assert "HTTP" in preview.get("topics/")

    with preview.up_to_date_after():
        preview.project.write("docs/topics.yml", topics)


def test_a_style_sheet_is_served_at_once_without_a_build(preview: Preview) -> None:
    with preview.events("glossary/") as glossary:
        assert next(glossary)["state"] == "current"
        preview.project.write(STYLE, "p { color: navy }")

        assert next(glossary) == "reload"
    assert "navy" in preview.get("assets/extra.css")
    assert "refreshed assets/extra.css in" in preview.said
    assert "extra.css in 0.0 s; indexes" not in preview.said


def test_a_page_that_is_new_appears_where_its_address_was_opened_before(preview: Preview) -> None:
    with preview.events("late/") as opened, preview.up_to_date_after():
        assert next(opened)["state"] == "current"
        preview.project.write("docs/late.md", "---\ntitle: Late\n---\n\n# Late\n\nAt last.\n")

        while (told := next(opened)) != "reload":
            assert told["state"] == "behind"
    assert "At last." in preview.get("late/")


def test_stopping_in_the_middle_of_a_build_leaves_no_process_and_no_file(preview: Preview) -> None:
    preview.project.replace(METHODS, "By definition.", "By its definition.")
    preview.shows("http/methods/", "By its definition.")
    children = preview.children()
    assert len(children) >= 2
    assert any(preview.temporary.iterdir())

    preview.process.send_signal(signal.SIGINT)
    preview.process.wait(timeout=60)

    assert psutil.wait_procs(children, timeout=20)[1] == []
    assert list(preview.temporary.iterdir()) == []
    assert "Traceback" not in preview.said
