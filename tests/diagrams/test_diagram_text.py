from __future__ import annotations

import pytest

from guide.library.diagram_text import DiagramText, describe


def test_title_and_description_are_read_from_accessibility_lines():
    source = "flowchart TD\n  accTitle: A title\n  accDescr: What it shows.\n  A --> B\n"
    assert describe(source) == DiagramText("flowchart", "A title", "What it shows.")


def test_a_description_may_span_lines_in_braces():
    source = "sequenceDiagram\n  accDescr {\n    First line,\n    second line.\n  }\n"
    assert describe(source).description == "First line, second line."


def test_kinds_without_the_syntax_use_comment_lines():
    source = "%% accTitle: REST\n%% accDescr: Six constraints.\nmindmap\n  root((REST))\n"
    assert describe(source) == DiagramText("mindmap", "REST", "Six constraints.")


def test_a_label_that_mentions_the_words_is_not_a_title():
    assert describe('flowchart TD\n  A["accTitle: no"]\n').title == ""


@pytest.mark.parametrize(
    "source",
    [
        "---\ntitle: x\n---\nflowchart LR\n  A",
        '%%{init: {"theme": "dark"}}%%\nflowchart LR\n  A',
        "\n%% a comment\n  flowchart LR\n  A",
        "flowchart; A --> B",
    ],
)
def test_the_kind_is_the_first_word_after_front_matter_directives_and_comments(source: str):
    assert describe(source).kind == "flowchart"


def test_an_empty_source_describes_as_nothing():
    assert describe("\n%% only a comment\n") == DiagramText("", "", "")
