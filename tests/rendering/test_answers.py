"""The four labels of an answer carry classes for the theme."""

from __future__ import annotations

import markdown
import pytest

from guide.rendering.answers import AnswerExtension


def render(text: str) -> str:
    return markdown.markdown(text, extensions=[AnswerExtension()])


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("In 30 seconds", "brief"),
        ("In depth", "depth"),
        ("Follow-ups", "followups"),
        ("Listen for", "criteria"),
    ],
)
def test_a_label_gives_its_paragraph_two_classes(label: str, name: str) -> None:
    assert render(f"**{label}.** Text.") == (
        f'<p class="answer answer--{name}"><strong>{label}.</strong> Text.</p>'
    )


@pytest.mark.parametrize("text", ["**Other.** Text.", "Text **In depth.** text.", "*In depth.*"])
def test_other_paragraphs_are_left_alone(text: str) -> None:
    assert "class" not in render(text)
