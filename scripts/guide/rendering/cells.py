"""Align the cells of tables by a class: the policy of the published pages refuses inline styles."""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element

import markdown
from markdown.extensions import Extension
from markdown.treeprocessors import Treeprocessor

AFTER_BLOCKS = 30
"""Any priority will do once the tables are there; before the inline patterns (20)."""
_STYLE = re.compile(r"text-align: (left|center|right);")


class CellExtension(Extension):
    """Registers the tree processor."""

    def extendMarkdown(self, md: markdown.Markdown) -> None:  # noqa: N802 (Python-Markdown's name)
        """Called by Python-Markdown."""
        md.treeprocessors.register(_CellProcessor(md), "guide-cells", AFTER_BLOCKS)


class _CellProcessor(Treeprocessor):
    def run(self, root: Element) -> None:
        for cell in root.iter():
            aligned = _STYLE.fullmatch(cell.get("style", "")) if cell.tag in ("td", "th") else None
            if aligned:
                del cell.attrib["style"]
                cell.set("class", f"align-{aligned[1]}")
