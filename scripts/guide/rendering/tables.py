"""Give the cells of tables what the site needs of them: an alignment by class, headers of rows.

The policy of the published pages refuses the inline styles with which Python-Markdown aligns cells.

In Markdown the first row of a table is its header. If its first cell is empty, the first cell of
each row below says what the row is about: on the site such a cell is a header, too, so that a
screen reader names the row with each value, and the corner is no header at all.
"""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element

import markdown
from markdown.extensions import Extension
from markdown.treeprocessors import Treeprocessor

AFTER_INLINE = 15
"""Priority below the inline patterns (20), before which an empty cell cannot be told."""
_STYLE = re.compile(r"text-align: (left|center|right);")


class TableExtension(Extension):
    """Registers the tree processor."""

    def extendMarkdown(self, md: markdown.Markdown) -> None:  # noqa: N802 (Python-Markdown's name)
        """Called by Python-Markdown."""
        md.treeprocessors.register(_TableProcessor(md), "guide-tables", AFTER_INLINE)


class _TableProcessor(Treeprocessor):
    def run(self, root: Element) -> None:
        for table in root.iter("table"):
            _align_by_class(table)
            _head_rows(table)


def _align_by_class(table: Element) -> None:
    for cell in (*table.iter("th"), *table.iter("td")):
        aligned = _STYLE.fullmatch(cell.get("style", ""))
        if aligned:
            del cell.attrib["style"]
            cell.set("class", f"align-{aligned[1]}")


def _head_rows(table: Element) -> None:
    corner = table.find("thead/tr/th")
    if corner is None or len(corner) or (corner.text or "").strip():
        return
    corner.tag = "td"
    for row in table.iterfind("tbody/tr"):
        row[0].tag = "th"
        row[0].set("scope", "row")
