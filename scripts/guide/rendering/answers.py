"""Mark the four labels of an interview answer, so that the theme can set them apart.

In Markdown a label is bold text at the start of a paragraph. On the site its paragraph also
carries the classes `answer` and, for instance, `answer--brief`.
"""

from __future__ import annotations

from xml.etree.ElementTree import Element

import markdown
from markdown.extensions import Extension
from markdown.treeprocessors import Treeprocessor

from guide.library.questions import LABELS

_CLASSES = dict(zip(LABELS, ("brief", "depth", "followups", "criteria"), strict=True))
AFTER_INLINE = 15
"""Priority below the inline patterns (20), which turn `**label**` into <strong>."""


class AnswerExtension(Extension):
    """Registers the tree processor."""

    def extendMarkdown(self, md: markdown.Markdown) -> None:  # noqa: N802 (Python-Markdown's name)
        """Called by Python-Markdown."""
        md.treeprocessors.register(_AnswerProcessor(md), "guide-answers", AFTER_INLINE)


class _AnswerProcessor(Treeprocessor):
    def run(self, root: Element) -> None:
        for paragraph in root.iterfind("p"):
            label = _label(paragraph)
            if label:
                paragraph.set("class", f"answer answer--{label}")


def _label(paragraph: Element) -> str:
    """The class of the label that starts `paragraph`, or an empty string."""
    if (paragraph.text or "").strip() or not len(paragraph) or paragraph[0].tag != "strong":
        return ""
    return _CLASSES.get((paragraph[0].text or "").rstrip("."), "")
