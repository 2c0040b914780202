"""Colors for several HTTP messages in one block, which Pygments takes for one and its body.

Registered as a plugin of Pygments in pyproject.toml; mkdocs.yml has it color blocks of `http`.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from pygments.lexer import Lexer
from pygments.lexers.textfmts import HttpLexer
from pygments.token import _TokenType

from guide.languages.http_message import is_start_line


class HttpExchangeLexer(Lexer):
    """Each message as Pygments colors it alone: its head, and a body of the type that it names."""

    name = "HTTP exchange"
    aliases = ("http-exchange",)

    def get_tokens_unprocessed(self, text: str) -> Iterator[tuple[int, _TokenType, str]]:
        """Yield the place, type and text of each token."""
        for start, end in pairwise([*_starts(text), len(text)]):
            lexer: Lexer = HttpLexer(**self.options)
            for place, token, value in lexer.get_tokens_unprocessed(text[start:end]):
                yield start + place, token, value


def _starts(text: str) -> Iterator[int]:
    """Where messages begin: at the top, and behind each blank line that a start line follows."""
    yield 0
    place, is_blank = 0, False
    for line in text.splitlines(keepends=True):
        if is_blank and is_start_line(line.rstrip("\n")):
            yield place
        place += len(line)
        is_blank = not line.strip()
