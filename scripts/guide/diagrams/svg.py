"""Raw Mermaid SVG -> a small, accessible SVG that carries no style of its own.

Pure functions. The result holds geometry, words and role names (see `roles`); every colour
comes from the site's stylesheet, so one drawing serves light, dark, print and forced colours.
"""

from __future__ import annotations

import math
import re
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from guide.diagrams.config import FONT_SIZE
from guide.diagrams.flatten import Flattener
from guide.library.diagram_text import DiagramText

_TAG = re.compile(r"<[^>]*>")
_ID = re.compile(r'(?<= id=")|(?<=url\(#)|(?<= aria-labelledby=")|(?<= aria-describedby=")')
_PLUGIN_WORD = re.compile(r"m(?=ermaid)", re.IGNORECASE)


def canonical(raw: str, text: DiagramText) -> str:
    """Return the canonical form of a raw drawing; raises ValueError if it cannot be read.

    The ids in it are short and equal in every drawing: give each use its own with `with_ids`.
    """
    try:
        root = ElementTree.fromstring(raw)
    except ElementTree.ParseError as error:
        raise ValueError(f"the drawing is not well-formed: {error}") from None
    for element in root.iter():
        element.tag = str(element.tag).rpartition("}")[2]
    left, top, width, height = _view_box(root)
    flattener = Flattener(root, root.get("aria-roledescription", ""))
    elements = flattener.elements(-left, -top)
    if not elements:
        raise ValueError("nothing is drawn")
    height = max(height, *(_foot(element) for element in elements))
    return serialize(_assemble(text, width, height, flattener.markers.definitions(), elements))


def _assemble(
    text: DiagramText, width: int, height: int, markers: list[Element], elements: list[Element]
) -> Element:
    # The parts of an image are nothing by themselves; links are.
    linked = any(element.tag == "a" for element in elements)
    svg = Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "width": str(width),
            "height": str(height),
            "viewBox": f"0 0 {width} {height}",
            "role": "group" if linked else "img",
            "aria-labelledby": "t",
            "font-size": str(FONT_SIZE),
            "text-anchor": "middle",
        },
    )
    title = ElementTree.SubElement(svg, "title", {"id": "t"})
    title.text = text.title or "Diagram"
    if text.description:
        svg.set("aria-describedby", "d")
        ElementTree.SubElement(svg, "desc", {"id": "d"}).text = text.description
    if markers:
        ElementTree.SubElement(svg, "defs").extend(markers)
    svg.extend(elements)
    return svg


def _view_box(root: Element) -> tuple[float, float, int, int]:
    try:
        left, top, width, height = (float(n) for n in root.get("viewBox", "").split())
    except ValueError:
        raise ValueError("the drawing has no size") from None
    if not (width > 0 and height > 0):
        raise ValueError("the drawing is empty")
    return left, top, math.ceil(width), math.ceil(height)


def _foot(element: Element) -> int:
    """Return how low an upright label reaches: some kinds forget the labels of their last row."""
    if element.tag != "text" or "transform" in element.attrib:
        return 0
    return max(math.ceil(float(row.get("y", "0")) + FONT_SIZE / 2) for row in element.iter())


def serialize(element: Element) -> str:
    """Write an element tree as text that is both XML and HTML."""
    attributes = "".join(f' {name}="{escape(value)}"' for name, value in element.items())
    inner = escape(element.text or "") + "".join(
        serialize(child) + escape(child.tail or "") for child in element
    )
    return f"<{element.tag}{attributes}" + (f">{inner}</{element.tag}>" if inner else "/>")


def escape(text: str) -> str:
    """Escape text for content and attributes.

    The live-preview plugin parses every page that contains its name; a character reference
    keeps the word readable and out of the markup.
    """
    for character, reference in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;")):
        text = text.replace(character, reference)
    return _PLUGIN_WORD.sub(lambda match: f"&#{ord(match[0])};", text)


def readable_alone(svg: str) -> str:
    """Return a canonical SVG that is outlines and plain words where no stylesheet colors it.

    Any rule of a stylesheet outweighs these attributes.
    """
    svg = svg.replace("<svg ", '<svg fill="none" stroke="currentColor" ', 1)
    return svg.replace("<text ", '<text fill="currentColor" stroke="none" ')


def with_ids(svg: str, prefix: str) -> str:
    """Return a canonical SVG whose ids and references start with `prefix`."""
    return _TAG.sub(lambda tag: _ID.sub(prefix, tag[0]), svg)
