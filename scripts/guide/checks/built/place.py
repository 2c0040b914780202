"""Where an element or a text of a page stands in its file; asked only when something is wrong.

The parser keeps no positions. The nth element of a name is the nth start tag of that name, as long
as the page has no parse error, which `html-valid` makes sure of.
"""

from __future__ import annotations

import html as entities
import re
from collections.abc import Iterator

from selectolax.lexbor import LexborNode

from guide.checks.built.page import BuiltPage

_ATTRIBUTES = r"""(?:[^>"']|"[^"]*"|'[^']*')*>"""
_TOKEN = re.compile(
    r"<!--.*?-->"
    rf"|<(?P<raw>script|style|textarea)\b{_ATTRIBUTES}.*?</(?P=raw)\s*>"
    rf"|<(?P<name>[a-z][^\s/>]*){_ATTRIBUTES}",
    re.DOTALL | re.IGNORECASE,
)


def line_of(page: BuiltPage, node: LexborNode) -> int:
    """Line, from 1, of the start tag of `node`; 1 if the file does not name the element."""
    return _line(page, _start(page, node))


def line_of_text(page: BuiltPage, node: LexborNode, offset: int) -> int:
    """Line, from 1, of the character `offset` of the text node `node`."""
    start = _start(page, node.parent) if node.parent else 0
    # One level of entities is what the parser resolved; it leaves the line breaks alone.
    source = entities.unescape(page.html[start:])
    text = node.text_content or ""
    return _line(page, start) + source.count("\n", 0, max(source.find(text), 0) + offset)


def _line(page: BuiltPage, offset: int) -> int:
    return page.html.count("\n", 0, offset) + 1


def _elements(page: BuiltPage) -> Iterator[LexborNode]:
    root = page.tree.root
    return root.traverse() if root else iter(())


def _start(page: BuiltPage, node: LexborNode) -> int:
    name = node.tag or ""
    same = [each.mem_id for each in _elements(page) if each.tag == name]
    starts = [
        match.start()
        for match in _TOKEN.finditer(page.html)
        if (match["raw"] or match["name"] or "").lower() == name.lower()
    ]
    index = same.index(node.mem_id)
    return starts[index] if index < len(starts) else 0
