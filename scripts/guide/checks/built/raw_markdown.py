"""No Markdown is left as text: a block that was not recognized shows its marks to readers."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from guide.checks.built.page import BuiltPage
from guide.checks.built.place import line_of_text
from guide.checks.built.rule import BuiltPageRule
from guide.checks.built.visible_text import TextBlock, text_blocks
from guide.checks.finding import Finding

_BLOCK = "put an empty line before it, and check its indentation and the line that opens the block"
_SPAN = "close the mark on both sides, or write it as code"
_KINDS: tuple[tuple[str, str, str], ...] = (
    ("tab", r'===[!+]{0,2} ["“]', _BLOCK),
    ("admonition", r"(?<!\S)!!!\+? ", _BLOCK),
    ("details", r"(?<!\S)\?\?\?\+? ", _BLOCK),
    ("directive", r":::", _BLOCK),
    ("block", r"(?<!\S)///", _BLOCK),
    ("fence", r"`{3,}|~{3,}", _BLOCK),
    ("code", r"`[^`\n]*`|`", _SPAN),
    (
        "attribute list",
        r"\{\s*:[^{}\n]*\}|\{\s*[#.][\w-]+[^{}\n]*\}",
        "it belongs at the end of a heading's line, or directly behind what it describes",
    ),
    ("image", r"!\[", "write `![description](path)` without a break"),
    (
        "link",
        r"(?<![\w\]])\[[^\[\]]+\]\([^()\s]*\)?|(?<![\w\])])\[[^\[\]]+\]\[[^\[\]]*\]",
        "write `[text](target)` without spaces, or define the reference",
    ),
    (
        "bold text",
        r"(?<![\w*])\*\*(?=[^\s*])[^*]+\*\*|(?<!\w)__(?=[^\s_])[^_]+(?:_[^_]+)*__(?!\w|\.py)",
        _SPAN,
    ),
    ("snippet", r"-{1,2}8<-{1,2}", "a snippet's line holds nothing else"),
    ("task", r"^\s*[-*+] \[[ xX]\]\s|\A\s*\[[ xX]\]\s", _BLOCK),
    ("heading", r"\A\s*#{1,6} ", "put an empty line before it and no space in front of the `#`"),
    ("table", r"^\s*\|[^\n]*\|\s*$|-{3,}:?[ \t]*\|", _BLOCK),
    ("comment", r"<!--|-->", "write comments on lines of their own"),
    (
        "entity",
        r"&(?:[a-zA-Z][a-zA-Z0-9]*|#\d+|#[xX][0-9a-fA-F]+);",
        "write the character itself",
    ),
)
_MARKS = re.compile(
    "|".join(f"(?P<k{index}>{pattern})" for index, (_, pattern, _) in enumerate(_KINDS)),
    re.MULTILINE,
)
_LONGEST = 40


def check(page: BuiltPage) -> Iterator[Finding]:
    """Report marks of Markdown in visible text."""
    body = page.tree.body
    for block in text_blocks(body) if body else ():
        for match in _marks(block):
            kind, _, hint = _KINDS[int((match.lastgroup or "k0")[1:])]
            node, offset = block.locate(match.start() + _blank(match[0]))
            yield Finding(
                f"site/{page.path}",
                line_of_text(page, node, offset),
                1,
                RULE.id,
                f"readers see `{_shown(match[0])}`: {kind} that was not rendered",
                hint,
            )


def _marks(block: TextBlock) -> Iterator[re.Match[str]]:
    for match in _MARKS.finditer(block.text):
        # An ampersand before a word that is no entity is text.
        if not match[0].startswith("&") or html.unescape(match[0]) != match[0]:
            yield match


def _blank(text: str) -> int:
    return len(text) - len(text.lstrip())


def _shown(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= _LONGEST else f"{words[:_LONGEST].rstrip()}…"


RULE = BuiltPageRule("raw-markdown", "shows no Markdown that was left as text", check)
