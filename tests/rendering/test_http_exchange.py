"""Every message of an HTTP exchange is colored, not only the first."""

from __future__ import annotations

import markdown
import pytest
import yaml
from pygments.lexers import get_lexer_by_name

from support import ROOT

REQUEST = 'POST /orders HTTP/1.1\nContent-Type: application/json\n\n{"cents": 1999}\n\n'
ANSWER = "HTTP/1.1 409 Conflict\nRetry-After: 1\n\n"
LATER = "GET /orders/17 HTTP/2\nAccept: text/html\n\nHTTP/2 200\n"


def tokens(lexer: str, text: str) -> list[tuple[object, str]]:
    """The types and texts of what `text` consists of."""
    return [
        (token, value) for _, token, value in get_lexer_by_name(lexer).get_tokens_unprocessed(text)
    ]


def test_each_message_is_colored_as_if_it_stood_alone() -> None:
    apart = [*tokens("http", REQUEST), *tokens("http", ANSWER)]

    assert tokens("http-exchange", REQUEST + ANSWER) == apart


@pytest.mark.parametrize(
    "text", [REQUEST, ANSWER, LATER, REQUEST + ANSWER + LATER, "", "\n\n", "no"]
)
def test_no_character_is_lost_or_moved(text: str) -> None:
    found = [*get_lexer_by_name("http-exchange").get_tokens_unprocessed(text)]

    assert "".join(value for _, _, value in found) == text
    assert all(text.startswith(value, place) for place, _, value in found)


def test_a_start_line_inside_a_body_starts_nothing() -> None:
    text = "HTTP/1.1 200 OK\n\nYou asked:\nTRACE / HTTP/1.1\n"

    assert tokens("http-exchange", text) == tokens("http", text)


def test_blocks_of_the_guide_are_colored_so() -> None:
    class Loader(yaml.SafeLoader):
        """Reads mkdocs.yml, whose other tags do not matter here."""

    Loader.add_multi_constructor("!", lambda *_: "")
    config = yaml.load((ROOT / "mkdocs.yml").read_text("utf-8"), Loader)
    options = next(
        each["pymdownx.highlight"]
        for each in config["markdown_extensions"]
        if "pymdownx.highlight" in each
    )

    html = markdown.markdown(
        f"```http\n{REQUEST}{ANSWER}```\n",
        extensions=["pymdownx.superfences", "pymdownx.highlight"],
        extension_configs={"pymdownx.highlight": options},
    )

    assert 'class="language-http highlight"' in html
    assert html.count('<span class="kr">HTTP</span>') == 2
    assert '<span class="na">Retry-After</span>' in html
