"""Arrow heads: keep those that are used, under short names, at a size of their own."""

from __future__ import annotations

from collections.abc import Mapping
from xml.etree.ElementTree import Element

from guide.diagrams.paths import move, number, parse, write
from guide.diagrams.text import pixels

POSITIONS = ("marker-start", "marker-mid", "marker-end")
_KEPT = ("viewBox", "refX", "refY", "markerWidth", "markerHeight", "orient")
_GEOMETRY = ("x1", "x2", "y1", "y2", "cx", "cy", "r", "points")
_HOLLOW = ("aggregation", "extension", "lollipop", "OrOne", "OrMore")
# Heads without units grow with their line, which is wider in sequence diagrams.
_SEQUENCE_HEADS = ("crosshead", "filled-head")
_SEQUENCE_LINE = 1.5


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
    kind = raw.get("id", "")
    marker = Element("marker", {"id": name})
    for attribute in _KEPT:
        if attribute in raw.attrib:
            marker.set(attribute, raw.attrib[attribute])
    if raw.get("markerUnits") != "userSpaceOnUse":
        width, height = (pixels(raw.get(f"marker{side}", "3"), 1) for side in ("Width", "Height"))
        if "viewBox" not in raw.attrib:
            marker.set("viewBox", f"0 0 {number(width)} {number(height)}")
        scale = _SEQUENCE_LINE if kind.endswith(_SEQUENCE_HEADS) else 1
        marker.set("markerWidth", number(width * scale))
        marker.set("markerHeight", number(height * scale))
    marker.set("markerUnits", "userSpaceOnUse")
    for shape in raw.iter():
        if shape.tag not in ("path", "circle", "polygon", "line"):
            continue
        copy = Element(shape.tag)
        for attribute in _GEOMETRY:
            if attribute in shape.attrib:
                copy.set(attribute, shape.attrib[attribute])
        if shape.tag == "path":
            copy.set("d", write(move(parse(shape.get("d", "")), 0, 0)))
        copy.set("class", _tip(kind, shape))
        marker.append(copy)
    return marker


def _tip(kind: str, shape: Element) -> str:
    """Return the role of a head's part: filled, filled with the page colour, or only lines."""
    if shape.tag == "path" and "Z" not in shape.get("d", "").upper():
        return "edge"
    return "tip open" if any(word in kind for word in _HOLLOW) else "tip"
