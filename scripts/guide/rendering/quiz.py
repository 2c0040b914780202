"""Show check-yourself items as lettered options with the answer folded away.

A task list under "Check yourself" reads well on any Git host, but its ticks give the answer
away. The site shows the options unmarked and puts verdicts and reasons into a <details>
element, which works without scripts. Neither belongs in the search index.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element, SubElement

import markdown
from markdown.extensions import Extension
from markdown.treeprocessors import Treeprocessor

from guide.library.questions import QUIZ_HEADING

_MARK = re.compile(r"^\[(?P<mark>[ xX])\][ ]+")
_NO_SEARCH = "data-search-exclude"
BEFORE_TASK_LISTS = 110
"""Priority over pymdownx.tasklist (100), which would turn the marks into checkboxes."""


class QuizExtension(Extension):
    """Registers the tree processor."""

    def extendMarkdown(self, md: markdown.Markdown) -> None:  # noqa: N802 (Python-Markdown's name)
        """Called by Python-Markdown."""
        md.treeprocessors.register(_QuizProcessor(md), "guide-quiz", BEFORE_TASK_LISTS)


class _QuizProcessor(Treeprocessor):
    def run(self, root: Element) -> None:
        for options in list(_quiz_lists(root)):
            index = list(root).index(options)
            root.remove(options)
            root.insert(index, _options(options))
            root.insert(index + 1, _answer(options))


def _quiz_lists(root: Element) -> Iterator[Element]:
    inside = False
    for element in root:
        if element.tag in ("h1", "h2"):
            inside = (element.text or "").strip() == QUIZ_HEADING
        elif inside and element.tag == "ul" and all(_MARK.match(_text(li)) for li in element):
            yield element


def _text(item: Element) -> str:
    """Source text of a list item, which a loose list wraps in a paragraph."""
    holder = item[0] if len(item) and item[0].tag == "p" else item
    return (holder.text or "").strip()


def _reasons(item: Element) -> list[str]:
    return [_text(reason) for nested in item.findall("ul") for reason in nested]


def _options(source: Element) -> Element:
    options = Element("ol", {"class": "quiz-options", "type": "A", _NO_SEARCH: ""})
    for item in source:
        SubElement(options, "li").text = _MARK.sub("", _text(item))
    return options


def _answer(source: Element) -> Element:
    answer = Element("details", {"class": "quiz-answer", _NO_SEARCH: ""})
    SubElement(answer, "summary").text = "Answer"
    verdicts = SubElement(answer, "ul")
    for letter, item in zip("ABCDEFGH", source, strict=False):
        mark = _MARK.match(_text(item))
        right = mark is not None and mark["mark"] != " "
        line = SubElement(verdicts, "li", {"class": "quiz-right" if right else "quiz-wrong"})
        line.text = f"**{letter} is {'right' if right else 'wrong'}.** {' '.join(_reasons(item))}"
    return answer
