"""The cards of a page, cut out of its HTML: nothing is written or rendered twice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urljoin

from selectolax.lexbor import LexborHTMLParser, LexborNode

from guide.export.cards import (
    Card,
    Criterion,
    Drawing,
    FollowUp,
    Option,
    QuestionCard,
    QuizCard,
)
from guide.export.drawings import DrawingStyle, cut_drawings
from guide.export.markup import MEDIA, classes, clean, inner
from guide.library import Library, Page
from guide.library.questions import Question, QuizItem

_HEADINGS = frozenset({"h1", "h2", "h3"})
_PARTS = ("brief", "depth", "followups", "criteria")
"""The parts of an answer, as the classes of their first paragraphs name them."""


class CardError(ValueError):
    """The HTML of a page is not what its Markdown says."""


def cards_of(
    library: Library, page: Page, html: str, url: str, style: DrawingStyle
) -> tuple[Card, ...]:
    """The cards of the topic `page`, which is rendered as `html` and published at `url`.

    Raise CardError if a part of an item is not there.
    """
    if page.topic is None:
        return ()
    text, drawings = cut_drawings(html, style)
    cutter = _Cutter(library, page, LexborHTMLParser(text), url, drawings)
    return (*map(cutter.question, page.questions), *map(cutter.quiz, page.quiz))


class _Cutter:
    def __init__(
        self,
        library: Library,
        page: Page,
        tree: LexborHTMLParser,
        url: str,
        drawings: Mapping[str, Drawing],
    ) -> None:
        assert page.topic is not None
        area = library.curriculum.area(page.area)
        self._page = page
        self._level = page.topic.level
        self._tags = page.topic.tags
        self._area_title = area.title if area else page.area
        self._tree = tree
        self._url = url
        self._drawings = drawings

    def question(self, item: Question) -> QuestionCard:
        heading = self._heading(item.id)
        parts = _parts(_after(heading))
        for name in _PARTS:
            if name not in parts:
                raise self._error(item.id, f"its answer has no part `{name}`")
        follow_ups = tuple(self._follow_ups(parts["followups"]))
        criteria = tuple(self._criteria(parts["criteria"]))
        if len(follow_ups) != len(item.follow_ups) or len(criteria) != len(item.criteria):
            raise self._error(item.id, "a follow-up or a criterion is missing")
        return QuestionCard(
            **self._common(item.id, item.level, heading),
            brief=self._labelled(parts["brief"]),
            depth=self._labelled(parts["depth"]),
            follow_ups=follow_ups,
            criteria=criteria,
        )

    def quiz(self, item: QuizItem) -> QuizCard:
        heading = self._heading(item.id)
        blocks = _after(heading)
        texts = [each for block in blocks if block.tag == "ol" for each in block.iter()]
        reasons = [
            each for block in blocks if block.tag == "details" for each in block.css("ul > li")
        ]
        if not len(texts) == len(reasons) == len(item.options):
            raise self._error(item.id, "an option or its reason is missing")
        options = tuple(
            Option(clean(inner(text), self._url), option.correct, self._after_label(reason))
            for text, reason, option in zip(texts, reasons, item.options, strict=True)
        )
        return QuizCard(**self._common(item.id, "", heading), options=options)

    def _common(self, anchor: str, level: str, heading: LexborNode) -> dict[str, Any]:
        names = self._drawn(_after(heading))
        return {
            "id": anchor,
            "topic": self._page.slug,
            "topic_title": self._page.title,
            "area": self._page.area,
            "area_title": self._area_title,
            "level": level or self._level,
            "tags": self._tags,
            "url": urljoin(self._url, f"#{anchor}"),
            "question": clean(inner(heading), self._url),
            "drawings": tuple(self._drawings[name] for name in dict.fromkeys(names)),
        }

    def _heading(self, anchor: str) -> LexborNode:
        heading = self._tree.css_first(f'h3[id="{anchor}"]')
        if heading is None:
            raise self._error(anchor, "there is no such heading")
        return heading

    def _labelled(self, blocks: Sequence[LexborNode]) -> str:
        """HTML of a part without the label that starts it."""
        first = self._after_label(blocks[0])
        rest = clean(blocks[1:], self._url)
        return (f"<p>{first}</p>" if first else "") + rest

    def _after_label(self, node: LexborNode) -> str:
        """What follows the bold text at the start of a paragraph or list item."""
        _, rest = _split_label(node)
        return clean(rest, self._url)

    def _follow_ups(self, blocks: Sequence[LexborNode]) -> Iterator[FollowUp]:
        for item in (each for block in blocks if block.tag == "ol" for each in block.iter()):
            label, rest = _split_label(item)
            if label is not None:
                yield FollowUp(clean(inner(label), self._url), clean(rest, self._url))

    def _criteria(self, blocks: Sequence[LexborNode]) -> Iterator[Criterion]:
        for item in (each for block in blocks if block.tag == "ul" for each in block.iter()):
            label, rest = _split_label(item)
            if label is not None:
                yield Criterion(label.text(strip=True).rstrip(":"), clean(rest, self._url))

    def _drawn(self, blocks: Sequence[LexborNode]) -> Iterator[str]:
        """Names of the drawings in `blocks` and in the sections of the page that they lead to."""
        yield from _images(blocks)
        for link in (each for block in blocks for each in block.css('a[href^="#"]')):
            anchor = (link.attributes["href"] or "").removeprefix("#")
            heading = self._tree.css_first(f'[id="{anchor}"]') if anchor else None
            if heading is not None and heading.tag in _HEADINGS:
                yield from _images(_after(heading))

    def _error(self, anchor: str, message: str) -> CardError:
        return CardError(f"no card can be made of {self._page.file}#{anchor}: {message}")


def _after(heading: LexborNode) -> list[LexborNode]:
    """The elements under a heading, up to the next one."""
    found = []
    node = heading.next
    while node is not None and node.tag not in _HEADINGS:
        if not node.is_text_node:
            found.append(node)
        node = node.next
    return found


def _parts(blocks: Sequence[LexborNode]) -> dict[str, list[LexborNode]]:
    parts: dict[str, list[LexborNode]] = {}
    current: list[LexborNode] = []
    for block in blocks:
        for name in classes(block):
            if name.startswith("answer--"):
                current = parts.setdefault(name.removeprefix("answer--"), [])
        current.append(block)
    return parts


def _split_label(item: LexborNode) -> tuple[LexborNode | None, list[LexborNode]]:
    """The bold text that starts an element, and what follows it.

    The items of a loose list hold paragraphs, the first of which starts with the label.
    """
    nodes = list(inner(item))
    while nodes and _is_blank(nodes[0]):
        del nodes[0]
    if nodes and nodes[0].tag == "p":
        label, rest = _split_label(nodes[0])
        return label, [*rest, *nodes[1:]]
    if nodes and nodes[0].tag == "strong":
        return nodes[0], nodes[1:]
    return None, nodes


def _is_blank(node: LexborNode) -> bool:
    return node.is_text_node and not (node.text_content or "").strip()


def _images(blocks: Sequence[LexborNode]) -> Iterator[str]:
    for block in blocks:
        for image in block.css(f'img[src^="{MEDIA}"]'):
            yield (image.attributes["src"] or "").removeprefix(MEDIA)
