"""Colors for several HTTP messages in one block, which Pygments takes for one and its body.

Registered as a plugin of Pygments in pyproject.toml; mkdocs.yml has it color blocks of `http`.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate, pairwise

from pygments.lexer import Lexer
from pygments.lexers.textfmts import HttpLexer
from pygments.token import _TokenType

from guide.languages.http_message import message_starts


class HttpExchangeLexer(Lexer):
    """Each message as Pygments colors it alone: its head, and a body of the type that it names."""

    name = "HTTP exchange"
    aliases = ("http-exchange",)

    def get_tokens_unprocessed(self, text: str) -> Iterator[tuple[int, _TokenType, str]]:
        """Yield the place, type and text of each token."""
        lines = text.split("\n")
        places = list(accumulate((len(line) + 1 for line in lines), initial=0))
        later = (places[number] for number in message_starts(lines)[1:])
        for start, end in pairwise([0, *later, len(text)]):
            lexer: Lexer = HttpLexer(**self.options)
            for place, token, value in lexer.get_tokens_unprocessed(text[start:end]):
                yield start + place, token, value
