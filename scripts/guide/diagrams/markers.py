"""Arrow heads: keep those that are used, under short names, at a size of their own."""

from __future__ import annotations

from collections.abc import Mapping
from xml.etree.ElementTree import Element

from guide.diagrams.paths import move, number, parse, write
from guide.diagrams.text import pixels

POSITIONS = ("marker-start", "marker-mid", "marker-end")
_KEPT = ("viewBox", "refX", "refY", "markerWidth", "markerHeight", "orient")
_GEOMETRY = ("x1", "x2", "y1", "y2", "cx", "cy", "r", "points")
_HOLLOW = ("aggregation", "extension", "lollipop", "only", "OrOne", "OrMore", "cross", "Stick")
# Mermaid draws heads without units for lines of this width.
_LINE_WIDTH = 1.5


class Markers:
    """The markers of one raw drawing, and those of them that were asked for."""

    def __init__(self, raw: Element) -> None:
        self._raw: Mapping[str, Element] = {
            marker.get("id", ""): marker for marker in raw.iter("marker")
        }
        self._names: dict[str, str] = {}

    def name(self, reference: str) -> str:
        """Return the short id for a reference such as `url(#x)`, or "" if there is none."""
        identifier = reference.strip().removeprefix("url(#").removesuffix(")").strip("\"'")
        if identifier not in self._raw:
            return ""
        return self._names.setdefault(identifier, f"m{len(self._names) + 1}")

    def definitions(self) -> list[Element]:
        """Return the markers that were asked for, in the order in which they were."""
        return [_marker(self._raw[identifier], name) for identifier, name in self._names.items()]


def _marker(raw: Element, name: str) -> Element:
    marker = Element("marker", {"id": name})
    for attribute in _KEPT:
        if attribute in raw.attrib:
            marker.set(attribute, raw.attrib[attribute])
    if raw.get("markerUnits") != "userSpaceOnUse":
        width, height = (pixels(raw.get(f"marker{side}", "3"), 1) for side in ("Width", "Height"))
        if "viewBox" not in raw.attrib:
            marker.set("viewBox", f"0 0 {number(width)} {number(height)}")
        marker.set("markerWidth", number(width * _LINE_WIDTH))
        marker.set("markerHeight", number(height * _LINE_WIDTH))
    marker.set("markerUnits", "userSpaceOnUse")
    kind = raw.get("id", "")
    for shape in raw.iter():
        if shape.tag not in ("path", "circle", "polygon", "line"):
            continue
        copy = Element(shape.tag)
        for attribute in _GEOMETRY:
            if attribute in shape.attrib:
                copy.set(attribute, shape.attrib[attribute])
        if shape.tag == "path":
            copy.set("d", write(move(parse(shape.get("d", "")), 0, 0)))
        copy.set("class", "tip open" if _is_hollow(kind, shape) else "tip")
        marker.append(copy)
    return marker


def _is_hollow(kind: str, shape: Element) -> bool:
    return shape.get("fill") == "none" or any(word.lower() in kind.lower() for word in _HOLLOW)
