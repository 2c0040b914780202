"""Say under each check-yourself item where its page explains the matter.

Nothing in the Markdown tells: of all paragraphs, list items and rows of tables before the
questions, the one is chosen that shares most words with the item, rare words counting most (BM25).
The link names its section; readers who missed the item follow it.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element, SubElement

import markdown
from markdown.extensions import Extension
from markdown.treeprocessors import Treeprocessor

from guide.library.anatomy import FURTHER_READING
from guide.library.questions import QUESTIONS_HEADING, QUIZ_HEADING
from guide.library.words import STOP_WORDS, words

AFTER_ATTRIBUTES = 6
"""Priority below attr_list (8), which sets the items' ids; above toc (5), which collects ids."""

_STASHED = re.compile("\x02[^\x03]*\x03")
_NOT_EXPLAINING = frozenset({QUESTIONS_HEADING, QUIZ_HEADING, FURTHER_READING})
_SATURATION, _LENGTH_WEIGHT, _SECTION_WEIGHT = 1.2, 0.6, 0.4


class ExplainedExtension(Extension):
    """Registers the tree processor."""

    def extendMarkdown(self, md: markdown.Markdown) -> None:  # noqa: N802 (Python-Markdown's name)
        """Called by Python-Markdown."""
        md.treeprocessors.register(_ExplainedProcessor(md), "guide-explained", AFTER_ATTRIBUTES)


@dataclass(frozen=True, slots=True, eq=False)
class _Passage:
    element: Element
    section: str
    words: Counter[str]


@dataclass(frozen=True, slots=True)
class _Item:
    id: str
    answer: Element
    words: Counter[str]


class _ExplainedProcessor(Treeprocessor):
    def run(self, root: Element) -> None:
        items = list(_items(root))
        passages = list(_passages(root)) if items else []
        if not passages:
            return
        sections: dict[str, Counter[str]] = {}
        for passage in passages:
            sections.setdefault(passage.section, Counter()).update(passage.words)
        for item in items:
            best = _best(passages, sections, item.words)
            if best is None:
                continue
            target = best.element.get("id") or f"explains-{item.id}"
            best.element.set("id", target)
            line = SubElement(item.answer, "p", {"class": "quiz-see"})
            line.text = "Explained in "
            link = SubElement(line, "a", {"href": f"#{target}"})
            link.text = best.section
            link.tail = "."


def _passages(root: Element) -> Iterator[_Passage]:
    """What a page explains its topic with, in its order."""
    section, explains = "", False
    for element in root:
        if element.tag == "h2":
            explains = _text(element) not in _NOT_EXPLAINING
        if element.tag in ("h2", "h3"):
            section = _text(element)
        elif explains:
            for part in _parts(element):
                found = _words(part)
                if found:
                    yield _Passage(part, section, found)


def _parts(element: Element) -> Sequence[Element]:
    """The items of a list, the rows of a table, else the whole."""
    if element.tag in ("ul", "ol"):
        return list(element)
    return element.findall("tbody/tr") if element.tag == "table" else [element]


def _items(root: Element) -> Iterator[_Item]:
    """The check-yourself items; what is right about them counts twice."""
    heading = options = None
    for element in root:
        if element.tag == "h3":
            heading = element
        elif element.tag == "ol" and element.get("class") == "quiz-options":
            options = element
        elif element.get("class") == "quiz-answer" and heading is not None and options is not None:
            found = _words(heading) + _words(options) + _words(element)
            for option, verdict in zip(options, element.iter("li"), strict=True):
                if verdict.get("class") == "quiz-right":
                    found += _words(option) + _words(verdict)
            yield _Item(heading.get("id", ""), element, found)


def _best(
    passages: Sequence[_Passage], sections: Mapping[str, Counter[str]], wanted: Counter[str]
) -> _Passage | None:
    """The passage that is most about the words `wanted`; the first of equals."""
    by_passage = _scores([passage.words for passage in passages], wanted)
    by_section = dict(zip(sections, _scores(list(sections.values()), wanted), strict=True))
    scores = [
        score + _SECTION_WEIGHT * by_section[passage.section] if score else 0.0
        for passage, score in zip(passages, by_passage, strict=True)
    ]
    best = max(scores)
    return passages[scores.index(best)] if best > 0 else None


def _scores(texts: Sequence[Counter[str]], wanted: Counter[str]) -> list[float]:
    """How much each text is about the words `wanted`, by BM25."""
    lengths = [text.total() for text in texts]
    mean = sum(lengths) / len(texts)
    weights: dict[str, float] = {}
    # Sorted: the order of additions decides the last digit, and that decides between equals.
    for word in sorted(wanted):
        having = sum(word in text for text in texts)
        rare = math.log(1 + (len(texts) - having + 0.5) / (having + 0.5))
        if having:
            weights[word] = rare * min(wanted[word], 3)

    def score(text: Counter[str], length: int) -> float:
        saturation = _SATURATION * (1 - _LENGTH_WEIGHT + _LENGTH_WEIGHT * length / mean)
        return sum(
            weight * text[word] / (text[word] + saturation)
            for word, weight in weights.items()
            if word in text
        )

    return [score(text, length) for text, length in zip(texts, lengths, strict=True)]


def _words(element: Element) -> Counter[str]:
    return Counter(_stem(word) for word in words(_text(element)) if word not in STOP_WORDS)


def _stem(word: str) -> str:
    """Without the ending of a plural, which is all that two forms here differ by as a rule."""
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


def _text(element: Element) -> str:
    return _STASHED.sub(" ", "".join(element.itertext())).strip()
