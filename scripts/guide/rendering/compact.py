"""Published HTML without what no reader sees: blanks, tags and quotes that HTML can do without.

Highlighted code comes as one element for each token. Here tokens that are shown like plain text
lose theirs, and neighbors of one color share one. The rest is minify-html's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType

import minify_html

COLORS: Mapping[str, str] = MappingProxyType(
    {
        token: name
        for name, others in {
            "k": "kd kn kp kr kt nd ni nl nt ow",
            "s": "cpf l s1 s2 sb sc si ss",
            "cp": "se sh sr sx",
            "m": "il mb mf mh mi mo",
            "nb": "bp no",
            "nf": "nc ne nn",
            "c": "c1 ch cm cs sd ge gh go gp gr gs gt gu",
        }.items()
        for token in (name, *others.split())
    }
)
"""Classes of tokens that have a color, and the one that stands for all of the same color."""
PLAIN = frozenset("o p n kc na nv vc vg vi".split())
"""Tokens that the theme has a color for, and guide.css gives that of plain text."""
MARKED = frozenset({"gd", "gi", "hll"})
"""Lines that were added, removed or marked: more than a color, they stay as they are."""

_CODE = re.compile(r"(<pre[^>]*>(?:<span></span>)?<code[^>]*>)(.*?)(</code></pre>)", re.DOTALL)
_PIECE = re.compile(
    r'<span class="(?P<token>[a-z][a-z0-9]{0,2})">(?P<text>[^<]*)</span>|<|[^<]+',
)


def compact(html: str) -> str:
    """The page `html`, smaller; what it shows and what scripts say in it stay as they are."""
    fewer = _CODE.sub(lambda code: f"{code[1]}{_few_tokens(code[2])}{code[3]}", html)
    return minify_html.minify(fewer, keep_html_and_head_opening_tags=True)


def _few_tokens(code: str) -> str:
    """Highlighted code in as few elements as show its colors."""
    runs: list[tuple[str, str]] = []
    for color, text in _pieces(code):
        if runs and (color == runs[-1][0] or not text.strip()):
            runs[-1] = (runs[-1][0], runs[-1][1] + text)
        else:
            runs.append((color, text))
    return "".join(
        f'<span class="{color}">{text}</span>' if color else text for color, text in runs
    )


def _pieces(code: str) -> Iterator[tuple[str, str]]:
    """Each piece with the class of its color, which is "" for what stays as it is."""
    for piece in _PIECE.finditer(code):
        token = piece["token"]
        if token is None or token in MARKED:
            yield "", piece[0]
        else:
            yield COLORS.get(token, ""), piece["text"]
