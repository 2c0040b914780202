"""The map of topics: what builds on what, drawn and listed, from the prerequisites alone."""

from __future__ import annotations

import re

import pytest

from guide import indexes
from guide.diagrams.engine import draw
from guide.indexes.map import map_drawings
from mini_project import MiniProject

AREAS = """\
areas:
  - {id: http, title: HTTP, summary: Requests., intro: Start here.}
  - {id: apis, title: "APIs, and more", summary: Contracts., intro: Go on here.}
topics:
  - slug: methods
    area: http
    title: HTTP methods
    level: core
    summary: Verbs.
    questions: ["Which methods are safe?"]
  - slug: caching
    area: http
    title: "HTTP caching: copies"
    level: advanced
    summary: Copies.
    prerequisites: [methods]
    questions: ["What does no-store mean?"]
  - slug: paging
    area: apis
    title: Paging
    level: core
    summary: Pages.
    prerequisites: [methods, caching]
    questions: ["Which page?"]
"""


@pytest.fixture
def mapped(project: MiniProject) -> MiniProject:
    """A guide of two areas, in which one topic is written."""
    project.write("docs/topics.yml", AREAS)
    return project


def page(project: MiniProject) -> str:
    return indexes.generate(project.library())["topics/map.md"]


def test_a_guide_of_one_area_needs_no_map(project: MiniProject) -> None:
    assert "topics/map.md" not in indexes.generate(project.library())


def test_areas_that_build_on_each_other_are_joined_and_lead_to_their_pages(
    mapped: MiniProject,
) -> None:
    overview, *_ = map_drawings(mapped.library())

    assert "  http --> apis" in overview
    assert '  click apis "../../apis/"' in overview
    assert "accDescr: APIs comes after HTTP." in overview


def test_written_topics_are_links_and_planned_ones_are_not(mapped: MiniProject) -> None:
    _, http, _ = map_drawings(mapped.library())

    assert re.findall(r'click \w+ "(.*)"', http) == ["../../http/methods/"]
    assert 'n1["HTTP caching"]' in http


def test_an_arrow_that_others_imply_is_left_out(mapped: MiniProject) -> None:
    _, _, apis = map_drawings(mapped.library())

    assert re.findall(r"(\w+) --> (\w+)", apis) == [("n1", "n0")]
    assert 'n1(["HTTP caching"])' in apis, "a topic of another area has round ends"
    assert "accDescr: Paging comes after HTTP caching." in apis


def test_every_drawing_is_said_as_a_list(mapped: MiniProject) -> None:
    text = page(mapped)

    assert "/// details | APIs, and more as a list\n" in text
    assert "- [HTTP methods](../http/methods.md)\n" in text
    after = "HTTP caching: copies (planned): after [HTTP methods](../http/methods.md)"
    assert f"- {after}\n" in text
    assert "- Paging (planned): after HTTP caching: copies (planned)\n" in text


def test_the_map_is_a_tool_page(mapped: MiniProject) -> None:
    assert "tool: map" in page(mapped).split("---\n")[1].splitlines()


def test_its_links_are_drawn_as_links_with_names(mapped: MiniProject) -> None:
    _, http, _ = map_drawings(mapped.library())
    svg = draw(http).svg

    assert re.findall(r"<a [^>]*>", svg) == [
        '<a href="../../http/methods/" aria-label="HTTP methods">'
    ]
