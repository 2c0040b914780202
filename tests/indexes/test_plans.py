"""Study plans: pages by day, with links, minutes and questions that come back, all derived."""

from __future__ import annotations

import pytest

from guide import indexes
from guide.indexes.area_order import MAX_NODES, area_order
from guide.library.curriculum import Area, Curriculum, Topic
from guide.library.workload import UNWRITTEN
from mini_project import MiniProject

PLAN = """\
- id: two-days
  title: Two days
  summary: Everything, twice.
  audience: You are in a hurry
  advice: Sleep.
  hours: 1.5
  again: [1]
  weeks:
    - goal: All of it
      days:
        - goal: Methods
          read: [methods]
          retype: [http/code/greeting]
          tasks:
            - {kind: mock, minutes: 30, do: Ask., see: [http/methods#methods-safe]}
            - {kind: assessment, minutes: 10, do: Count.}
        - goal: Copies
          read: [caching]
"""


@pytest.fixture
def planned(project: MiniProject) -> MiniProject:
    """A guide with a plan for its two topics, of which one is written."""
    project.write("docs/plans.yml", PLAN)
    pages = "  - plans/index.md\n  - plans/two-days.md\n"
    project.replace("mkdocs.yml", "  - glossary.md\n", f"  - glossary.md\n{pages}")
    return project


def page(project: MiniProject, name: str = "two-days") -> str:
    return indexes.generate(project.library())[f"plans/{name}.md"]


def day(project: MiniProject, number: int) -> list[str]:
    """What stands under the heading of a day."""
    text = page(project).split(f"## Day {number}: ")[1].partition("\n## ")[0]
    return [line for line in text.split("\n")[1:] if line]


def test_a_guide_with_plans_passes_the_checks(planned: MiniProject) -> None:
    assert [finding for finding in planned.findings() if finding.severity == "error"] == []


def test_without_plans_there_is_no_page(project: MiniProject) -> None:
    assert not any(path.startswith("plans/") for path in indexes.generate(project.library()))


def test_a_day_says_what_to_do_in_order_with_links_and_minutes(planned: MiniProject) -> None:
    assert day(planned, 1) == [
        "1 h 3 min, 1 min of reading, 1 question",
        "- **Assess yourself**, 10 min: Count. See [The questions](index.md#self-assessment).",
        "- **Read:** [HTTP methods](../http/methods.md) · core · 1 min, then "
        "[1 question](../http/methods.md#interview-questions)"
        '{ aria-label="1 question: HTTP methods" }'
        " aloud, 2 min",
        "- **Type anew:** [A greeting](../http/methods.md#in-code) · 20 min",
        "- **Mock interview**, 30 min: Ask. "
        "See [Which methods are safe?](../http/methods.md#methods-safe).",
    ]


def test_questions_come_back_after_the_days_that_the_plan_says(planned: MiniProject) -> None:
    assert day(planned, 2)[1] == (
        "- **Again, from memory:** day 1 ([HTTP methods](../http/methods.md)) · 1 question, 1 min"
    )


def test_a_topic_that_is_not_written_counts_with_the_usual_length(planned: MiniProject) -> None:
    figures, _, topic = day(planned, 2)

    assert topic == (
        f"- **Read:** HTTP caching (planned) · advanced · {UNWRITTEN} min, "
        "then 1 question aloud, 2 min"
    )
    assert figures == f"{UNWRITTEN + 3} min, {UNWRITTEN} min of reading, 1 question"


def test_a_worked_case_is_designed_before_it_is_read(planned: MiniProject) -> None:
    planned.replace("docs/topics.yml", "slug: caching", "slug: case-caching")
    planned.replace("docs/plans.yml", "read: [caching]", "read: [case-caching]")

    figures, _, case = day(planned, 2)

    assert case.startswith("- **Design, then read:** HTTP caching (planned) · 45 min on paper, ")
    assert figures.startswith("1 h 10 min, ")
    assert ", 1 topic, 1 worked case, " in page(planned)


def test_totals_are_sums_of_the_days(planned: MiniProject) -> None:
    totals = (
        "**For whom:** You are in a hurry.\n\n"
        "**In figures:** 2 days, up to 1 h 30 min each, 1 h in all, 2 topics, "
        "0 worked cases, 2 questions, 1 example, 1 mock interview."
    )

    assert totals in page(planned)
    row = "| [Two days](two-days.md) | 2 | 1 h 30 min | 2 | 0 | 2 | 1 | 1 h |"
    assert row in page(planned, "index")


def test_days_stand_under_their_weeks_if_there_are_several(planned: MiniProject) -> None:
    planned.replace("docs/plans.yml", "        - goal: Copies", SECOND_WEEK)

    text = page(planned)

    assert "## Week 1: All of it { #week-1 }\n\n### Day 1: Methods { #day-1 }" in text
    assert "## Week 2: Copies { #week-2 }\n\n### Day 2: Copies { #day-2 }" in text


SECOND_WEEK = """\
    - goal: Copies
      days:
        - goal: Copies"""


def test_the_assessment_asks_a_question_of_each_level(planned: MiniProject) -> None:
    text = page(planned, "index")

    assert (
        "### HTTP { #assess-http }\n\n- [Which methods are safe?](../http/methods.md#methods-safe)"
        in text
    )


def test_special_characters_in_a_plan_stay_text(planned: MiniProject) -> None:
    planned.replace("docs/plans.yml", "goal: Copies", "goal: 'Copies [*all*] <b>'")

    assert r"## Day 2: Copies \[\*all\*\] \<b\> { #day-2 }" in page(planned)


def curriculum(*topics: tuple[str, str, tuple[str, ...]]) -> Curriculum:
    """Topics by slug, area and prerequisites."""
    areas = dict.fromkeys(area for _, area, _ in topics)
    return Curriculum(
        areas=tuple(Area(id=a, title=f"{a.upper()}, all", summary="", intro="") for a in areas),
        topics=tuple(
            Topic(
                slug=slug,
                area=area,
                title=slug,
                level="core",
                summary="",
                prerequisites=needs,
                questions=(),
            )
            for slug, area, needs in topics
        ),
    )


def test_areas_are_drawn_in_the_order_in_which_they_build_on_each_other() -> None:
    text, drawing = area_order(
        curriculum(
            ("one", "a", ()),
            ("two", "b", ("one",)),
            ("three", "b", ()),
            ("four", "c", ("two",)),
            ("five", "d", ()),
        )
    )

    assert text.endswith("Not drawn, because no single area is behind half of them: D, all.")
    assert drawing == (
        "```mermaid\n"
        "flowchart LR\n"
        "  accTitle: The order of the areas\n"
        "  accDescr: A is first. B comes after A. C comes after B.\n"
        '  a["A"]\n'
        '  b["B"]\n'
        '  c["C"]\n'
        "  a --> b\n"
        "  b --> c\n"
        "```"
    )


def test_areas_that_do_not_build_on_each_other_are_not_drawn() -> None:
    assert area_order(curriculum(("one", "a", ()), ("two", "b", ()))) == []


def test_more_areas_than_a_drawing_can_show_are_not_drawn() -> None:
    first = ("a0", "a0", ())
    many = [(f"a{n}", f"a{n}", ("a0",)) for n in range(1, MAX_NODES)]

    assert area_order(curriculum(first, *many)) != []
    assert area_order(curriculum(first, *many, ("z", "z", ("a0",)))) == []


def test_foundations_follow_prerequisites_and_survive_a_circle() -> None:
    found = curriculum(("one", "a", ("three",)), ("two", "a", ("one",)), ("three", "a", ("two",)))

    assert found.foundations("two") == {"one", "three"}
    assert found.foundations("nowhere") == frozenset()


def test_a_plan_that_cannot_be_is_a_finding(planned: MiniProject) -> None:
    planned.replace("docs/plans.yml", "id: two-days", "id: index")
    planned.replace("docs/plans.yml", "again: [1]", "again: [0]")

    assert [each for each in planned.reported() if "docs/plans.yml" in each] == [
        "docs/plans.yml:1 data-file `0.id`: value error, this is the address of the overview",
        "docs/plans.yml:7 data-file `0.again.0`: input should be greater than or equal to 1",
    ]
