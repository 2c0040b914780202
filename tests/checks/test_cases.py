"""A worked case is a topic page with sections of its own."""

from __future__ import annotations

import pytest

from guide import indexes
from guide.library.anatomy import CASE_SECTIONS
from guide.scaffold import new_topic
from mini_project import MiniProject

CASE = """\
  - slug: case-counter
    area: http
    title: Designing a counter
    level: advanced
    summary: A number that many people change.
    questions: ["How do you count?"]
"""


@pytest.fixture
def case(project: MiniProject) -> MiniProject:
    """A guide with the skeleton of one worked case."""
    project.write("docs/topics.yml", project.read("docs/topics.yml") + CASE)
    new_topic(project.library(), "http/case-counter")
    return project


def test_its_skeleton_has_the_sections_of_a_case_and_passes_the_checks(case: MiniProject) -> None:
    page = case.library().pages["http/case-counter.md"]

    assert tuple(each.title for each in page.sections if each.level == 2) == CASE_SECTIONS
    assert [finding for finding in case.findings() if finding.severity == "error"] == []


def test_a_section_of_an_ordinary_topic_page_is_none_of_a_case(case: MiniProject) -> None:
    case.replace("docs/http/case-counter.md", "## Failure modes", "## Pitfalls")

    messages = [finding.message for finding in case.findings() if finding.rule == "anatomy"]

    assert messages == [
        "`Pitfalls` is no section of a worked case",
        "the section `## Failure modes` is missing",
    ]


def test_the_area_lists_it_after_the_topics(case: MiniProject) -> None:
    page = indexes.generate(case.library())["http/index.md"]

    topics, cases = page.split("## Worked cases")
    assert "### [HTTP methods](methods.md)" in topics
    assert "### [Designing a counter](case-counter.md){ .topic-link } { #case-counter }" in cases


def test_it_is_counted_beside_the_topics(case: MiniProject) -> None:
    figures = indexes.figures(case.library())

    assert (figures.topics_written, figures.topics_planned, figures.cases) == (1, 1, 1)
