"""The guide that this repository publishes keeps its own rules."""

from __future__ import annotations

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
    title: A topic {slug}
    level: core
    summary: "What a contributor plans next, and what its page will answer."
    questions:
      - What does {slug} ask first?
      - What does {slug} ask next?
"""


def test_new_pages_for_topics_that_are_new_on_the_map_have_no_error(tmp_path) -> None:
    copy = copy_repository(ROOT, tmp_path)
    names = ("http/new-on-the-map", "career/case-new-on-the-map")
    topics = copy / "docs/topics.yml"
    text = topics.read_text("utf-8")
    for area, slug in (name.split("/") for name in names):
        text += NEW_TOPIC.format(slug=slug, area=area)
    topics.write_text(text, "utf-8")

    for name in names:
        new_topic(load(copy), name)

    assert check_sources(load(copy)).errors == 0
