"""Cards are cut out of a page as it is rendered, and stand alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest

from guide.export.cards import Card, QuestionCard, QuizCard
from guide.export.cutting import CardError
from mini_project import MiniProject

Cut = Callable[..., tuple[Card, ...]]

TOPIC = "docs/http/methods.md"
FIGURE = (
    '<figure class="diagram"><div class="diagram__scroll" role="region" tabindex="0">'
    '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9" aria-labelledby="diagram-1-t">'
    '<title id="diagram-1-t">A drawing</title><rect class="series-2"/></svg></div>'
    "<figcaption>A drawing</figcaption></figure>"
)


def question(cards: Iterable[Card]) -> QuestionCard:
    (found,) = (card for card in cards if isinstance(card, QuestionCard))
    return found


def test_a_question_card_has_all_parts_without_their_labels(cut: Cut) -> None:
    card = question(cut())

    assert (card.id, card.topic, card.area, card.level) == (
        "methods-safe",
        "methods",
        "http",
        "core",
    )
    assert (card.topic_title, card.area_title, card.tags) == ("HTTP methods", "HTTP", ("http",))
    assert card.url == "https://example.org/guide/http/methods/#methods-safe"
    assert card.question == "Which methods are safe?"
    assert card.brief == "<p>GET, HEAD, OPTIONS and TRACE.</p>"
    assert card.depth == "<p>Safe means the client asks for no change.</p>"
    (follow_up,) = card.follow_ups
    assert follow_up.question == "Is logging a change?"
    assert follow_up.answer == "Not one the client asked for."
    assert [(each.kind, each.text) for each in card.criteria] == [
        ("Must", "safe is about intent"),
        ("Bonus", "names HEAD"),
        ("Red flag", "says POST is safe"),
    ]


def test_a_quiz_card_says_of_each_option_whether_it_is_right_and_why(cut: Cut) -> None:
    first, second = (card for card in cut() if isinstance(card, QuizCard))

    assert (first.id, first.level) == ("methods-prefetch", "core")
    assert [(each.text, each.correct, each.reason) for each in first.options] == [
        ("<code>POST</code>", False, "A prefetcher may not cause effects."),
        ("<code>GET</code>", True, "It is safe."),
    ]
    assert [each.correct for each in second.options] == [True, False]


def test_links_lead_to_the_published_site(cut: Cut, project: MiniProject) -> None:
    depth = "Safe [means](#the-problem) [what](../../) [the RFC](https://rfc.example/) says."
    project.replace(TOPIC, "Safe means the client asks for no change.", depth)

    assert question(cut()).depth == (
        '<p>Safe <a href="https://example.org/guide/http/methods/#the-problem">means</a> '
        '<a href="https://example.org/guide/">what</a> '
        '<a href="https://rfc.example/">the RFC</a> says.</p>'
    )


def test_blocks_keep_their_highlighting_and_tabs_become_panels(
    cut: Cut, project: MiniProject
) -> None:
    blocks = (
        "First.\n\n/// tab | Python\n\n```python\nx = 1 < 2\n```\n\n///\n\n"
        "/// tab | Go\n\n```go\nx := 1\n```\n\n///\n\n| A | B |\n|---|--:|\n| 1 | 2 |\n"
    )
    project.replace(TOPIC, "Safe means the client asks for no change.", blocks)

    depth = question(cut()).depth

    assert depth.startswith("<p>First.</p><p><strong>Python</strong></p>")
    assert '<div class="highlight"><pre><code><span class="n">x</span>' in depth
    assert '<span class="o">&lt;</span>' in depth
    assert '<th class="align-right">B</th>' in depth
    assert '<th scope="row">1</th>' in depth
    assert not [
        word for word in ("<input", "<label", " id=", "tabbed", "tabindex") if word in depth
    ]


def test_the_drawings_of_the_sections_that_an_answer_names_come_along(
    cut: Cut, project: MiniProject
) -> None:
    project.replace(TOPIC, "Safe means", "See [how](#how-it-works). Safe means")

    def with_figure(html: str) -> str:
        for heading in ('<h2 id="in-code"', '<h2 id="pitfalls"'):
            html = html.replace(heading, f"{FIGURE}{heading}")
        return html

    card = question(cut(with_figure))

    (drawing,) = card.drawings
    assert drawing.title == "A drawing"
    assert drawing.name.startswith("bsg-")
    assert drawing.name.endswith(".svg")
    assert "<svg" not in card.depth


def test_a_drawing_in_an_answer_is_an_image(cut: Cut) -> None:
    def with_figure(html: str) -> str:
        label = '<p class="answer answer--followups">'
        return html.replace(label, f"{FIGURE}\n{label}")

    card = question(cut(with_figure))

    (drawing,) = card.drawings
    assert card.depth.endswith(f'<p><img src="{drawing.name}" alt="A drawing"></p>')


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('id="methods-safe"', 'id="other"', "there is no such heading"),
        ("answer--depth", "other", "no part `depth`"),
        ("<strong>Is logging a change?</strong>", "Is logging?", "a follow-up or a criterion"),
        ('<li class="quiz-right">', "<li></li><li>", "an option or its reason is missing"),
    ],
    ids=["heading", "part", "follow-up", "reason"],
)
def test_a_part_that_is_not_rendered_is_an_error_that_names_the_item(
    cut: Cut, old: str, new: str, message: str
) -> None:
    def broken(html: str) -> str:
        assert old in html
        return html.replace(old, new, 1)

    with pytest.raises(CardError, match=rf"docs/http/methods\.md#methods-\w+: .*{message}"):
        cut(broken)
