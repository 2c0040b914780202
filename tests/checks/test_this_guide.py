"""The guide that this repository publishes keeps its own rules."""

from __future__ import annotations

import pytest

from guide.checks import check_sources
from guide.project import load
from guide.scaffold import new_topic
from site_server import copy_repository
from support import ROOT, this_guide


def test_it_has_no_finding_not_even_a_note() -> None:
    assert check_sources(this_guide()).findings == ()


def test_the_map_holds_the_whole_curriculum() -> None:
    curriculum = this_guide().curriculum
    topics = [topic for topic in curriculum.topics if not topic.is_case]

    assert len(curriculum.areas) == 14
    assert len(topics) == 92
    assert sum(len(topic.questions) for topic in topics) == 403


def test_the_ledger_lists_every_unit_of_every_source() -> None:
    ledger = this_guide().ledger

    assert [sum(unit.document == n for unit in ledger.units) for n in range(5)] == [
        92,
        42,
        282,
        85,
        22,
    ]
    assert len(ledger.errata) == 234


NEW_TOPIC = """
  - slug: {slug}
    area: {area}
    title: A topic that is new on the map
    level: core
    summary: "What a contributor plans next, and what its page will answer."
    questions:
      - What does a new topic ask first?
      - What does a new topic ask next?
"""


@pytest.mark.parametrize("name", ["http/new-on-the-map", "career/case-new-on-the-map"])
def test_a_new_page_for_a_topic_that_is_new_on_the_map_has_no_error(name: str, tmp_path) -> None:
    copy = copy_repository(ROOT, tmp_path)
    area, _, slug = name.partition("/")
    topics = copy / "docs/topics.yml"
    topics.write_text(topics.read_text("utf-8") + NEW_TOPIC.format(slug=slug, area=area), "utf-8")

    new_topic(load(copy), name)

    assert check_sources(load(copy)).errors == 0
