"""The text of a page as readers see it, block by block, with code taken out."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from selectolax.lexbor import LexborNode

CODE = "\ufffc"
"""Stands in a block's text for each stretch of code or graphics."""
_VERBATIM = frozenset("code pre kbd samp script style svg textarea math template".split())
_FILE_NAME = "filename"
"""Class of the title of a fence, as `__init__.py`."""
_INLINE = frozenset(
    "a abbr b bdi bdo cite data del dfn em i ins label mark q s small span strong sub sup time u "
    "var wbr".split()
)


@dataclass(frozen=True, slots=True)
class TextBlock:
    """The text directly in one block element, across its inline elements."""

    tag: str
    text: str
    starts: tuple[int, ...]
    nodes: tuple[LexborNode, ...]

    def locate(self, offset: int) -> tuple[LexborNode, int]:
        """Text node that holds the character `offset` of the text, and its offset in there."""
        index = max(bisect_right(self.starts, offset) - 1, 0)
        return self.nodes[index], max(offset - self.starts[index], 0)


def text_blocks(root: LexborNode) -> Iterator[TextBlock]:
    """Yield the stretches of visible text below `root` in document order."""
    yield from _Collector(root.tag or "").walk(root)


class _Collector:
    """Gathers the text of one element until a block begins or ends."""

    def __init__(self, tag: str) -> None:
        self._tag = tag
        self._parts: list[str] = []
        self._length = 0
        self._starts: list[int] = []
        self._nodes: list[LexborNode] = []

    def walk(self, element: LexborNode) -> Iterator[TextBlock]:
        yield from self._children(element)
        yield from self._flush()

    def _children(self, element: LexborNode) -> Iterator[TextBlock]:
        for node in element.iter(include_text=True):
            if node.is_text_node:
                self._starts.append(self._length)
                self._nodes.append(node)
                self._add(node.text_content or "")
            elif node.tag in _VERBATIM or node.attributes.get("class") == _FILE_NAME:
                self._add(CODE)
            elif node.tag in _INLINE:
                yield from self._children(node)
            elif node.tag != "br":
                yield from self._flush()
                yield from _Collector(node.tag or "").walk(node)

    def _add(self, text: str) -> None:
        self._parts.append(text)
        self._length += len(text)

    def _flush(self) -> Iterator[TextBlock]:
        text = "".join(self._parts)
        if self._nodes and text.strip():
            yield TextBlock(self._tag, text, tuple(self._starts), tuple(self._nodes))
        self._parts, self._length, self._starts, self._nodes = [], 0, [], []
