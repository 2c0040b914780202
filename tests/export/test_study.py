"""What the learning tools load is all that the pages ask, in the order of the map."""

from __future__ import annotations

import json

from guide.export.study import study, study_json
from guide.library import Library
from mini_project import MiniProject


def test_every_item_is_there_once_with_a_title_that_is_plain_text(library: Library) -> None:
    items = study(library)["items"]
    asked = [item for page in library.topic_pages for item in page.items]

    assert [item["id"] for item in items] == [item.id for item in asked]
    assert len({item["id"] for item in items}) == len(items) > 0
    assert [item["title"] for item in items] == [item.text for item in asked]
    assert [item["title"] for item in items if "](" in item["title"] or "`" in item["title"]] == []


def test_titles_keep_addresses_and_what_looks_like_a_tag(project: MiniProject) -> None:
    title = "Why is `<b>` at https://example.org/ **not** safe?"
    project.replace("docs/http/methods.md", "Which methods are safe?", title)

    first = study(project.library())["items"][0]

    assert first["title"] == "Why is <b> at https://example.org/ not safe?"


def test_topics_need_only_what_is_written_and_lies_before_them(library: Library) -> None:
    data = study(library)
    areas = [area["id"] for area in data["areas"]]
    before: set[str] = set()

    for topic in data["topics"]:
        assert topic["area"] in areas
        assert set(topic["needs"]) <= {each["slug"] for each in data["topics"]}
        before.add(topic["slug"])
    assert {item["topic"] for item in data["items"]} <= before
    assert json.loads(study_json(library)) == data
