"""Give tables what the site needs of them: a box that scrolls, alignment by class, headers of rows.

The theme would put each table into such a box when a page loads, and the browser lay the page out
anew. It leaves tables alone that have a class.

The policy of the published pages refuses the inline styles with which Python-Markdown aligns cells.

In Markdown the first row of a table is its header, and nothing else is. The first cell of each row
below says what the row is about: on the site it is a header, too, so that a screen reader names the
row with each value. A corner that is empty is no header at all.
"""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element

import markdown
from markdown.extensions import Extension
from markdown.postprocessors import Postprocessor
from markdown.treeprocessors import Treeprocessor

AFTER_INLINE = 15
"""Priority below the inline patterns (20), before which an empty cell cannot be told."""
AFTER_RAW_HTML = 5
"""Priority below that of the processor (30) that brings tables written as HTML back."""
_TABLE = re.compile(r"</?table\b[^>]*>")
_STYLE = re.compile(r"text-align: (left|center|right);")


class TableExtension(Extension):
    """Registers the processors."""

    def extendMarkdown(self, md: markdown.Markdown) -> None:  # noqa: N802 (Python-Markdown's name)
        """Called by Python-Markdown."""
        md.treeprocessors.register(_TableProcessor(md), "guide-tables", AFTER_INLINE)
        md.postprocessors.register(_BoxProcessor(md), "guide-table-boxes", AFTER_RAW_HTML)


class _TableProcessor(Treeprocessor):
    def run(self, root: Element) -> None:
        for table in root.iter("table"):
            _align_by_class(table)
            _head_rows(table)


class _BoxProcessor(Postprocessor):
    """A table that has attributes of its own, as HTML can have, is left alone."""

    def run(self, text: str) -> str:
        boxed = list[bool]()  # of each table that is open

        def box(tag: re.Match[str]) -> str:
            if tag[0] == "</table>":
                return "</table></div>" if boxed and boxed.pop() else tag[0]
            boxed.append(tag[0] == "<table>")
            return '<div class="table-box"><table class="table">' if boxed[-1] else tag[0]

        return _TABLE.sub(box, text)


def _align_by_class(table: Element) -> None:
    for cell in (*table.iter("th"), *table.iter("td")):
        aligned = _STYLE.fullmatch(cell.get("style", ""))
        if aligned:
            del cell.attrib["style"]
            cell.set("class", f"align-{aligned[1]}")


def _head_rows(table: Element) -> None:
    header = table.findall("thead/tr/th")
    if len(header) < 2:  # nothing stands beside the first cells
        return
    if _is_empty(header[0]):
        header[0].tag = "td"
    for row in table.iterfind("tbody/tr"):
        if not _is_empty(row[0]):
            row[0].tag = "th"
            row[0].set("scope", "row")


def _is_empty(cell: Element) -> bool:
    return not len(cell) and not (cell.text or "").strip()
