"""Check-yourself items hide their answers until asked."""

from __future__ import annotations

import markdown
from selectolax.lexbor import LexborHTMLParser

from guide.rendering.quiz import QuizExtension

ITEM = """\
## Check yourself

### Which? { #which }

- [ ] `POST`
    - It *acts*.
- [x] `GET`
    - It reads.

## Elsewhere

- [x] done
"""


def render(text: str) -> LexborHTMLParser:
    extensions = ["attr_list", "pymdownx.tasklist", QuizExtension()]
    return LexborHTMLParser(markdown.markdown(text, extensions=extensions))


def test_options_show_no_verdict() -> None:
    options = render(ITEM).css_first("ol.quiz-options")

    assert [item.text(strip=True) for item in options.css("li")] == ["POST", "GET"]
    assert options.css("input") == []
    assert options.css("code") != []


def test_verdicts_and_reasons_are_folded_away() -> None:
    answer = render(ITEM).css_first("details.quiz-answer")

    assert answer.css_first("summary").text() == "Answer"
    assert [item.text() for item in answer.css("li")] == [
        "A is wrong. It acts.",
        "B is right. It reads.",
    ]
    assert [item.attributes["class"] for item in answer.css("li")] == ["quiz-wrong", "quiz-right"]


def test_options_and_reasons_stay_out_of_the_search_index() -> None:
    page = render(ITEM)

    for selector in ("ol.quiz-options", "details.quiz-answer"):
        assert "data-search-exclude" in page.css_first(selector).attributes


def test_task_lists_elsewhere_stay_task_lists() -> None:
    assert len(render(ITEM).css("input[type=checkbox]")) == 1


def test_loose_lists_read_the_same() -> None:
    loose = ITEM.replace("- [x] `GET`", "\n- [x] `GET`")

    assert render(loose).css_first("ol.quiz-options").text(strip=True) == "POSTGET"
