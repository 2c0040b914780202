"""Move and copy the geometry of single SVG elements."""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element

from guide.diagrams.paths import move, number, parse, simplify, write
from guide.diagrams.text import pixels

GEOMETRY = {
    "rect": ("x", "y", "width", "height", "rx"),
    "circle": ("cx", "cy", "r"),
    "ellipse": ("cx", "cy", "rx", "ry"),
    "line": ("x1", "y1", "x2", "y2"),
}
"""The attributes that make up each plain shape."""

_SHIFTED_X = ("x", "cx", "x1", "x2")
_SHIFTED_Y = ("y", "cy", "y1", "y2")
_EXTENTS = {"rect": ("width", "height"), "circle": ("r",), "ellipse": ("rx", "ry")}
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?")
_TRANSLATE = re.compile(r"\s*translate\(\s*([-\d.e]+)(?:[\s,]+([-\d.e]+))?\s*\)")
_NO_TURN = re.compile(r"\s*rotate\(\s*0\s*\)")
# Square corners become slightly round, and round ones clearly rounder.
_CORNERS = {0.0: "4", 5.0: "10"}


def transform(element: Element) -> tuple[float, float, str]:
    """Split a transform into its leading shift and the rest."""
    rest = _NO_TURN.sub("", element.get("transform", ""))
    dx = dy = 0.0
    while match := _TRANSLATE.match(rest):
        dx, dy = dx + float(match[1]), dy + float(match[2] or 0)
        rest = rest[match.end() :]
    return dx, dy, _NUMBER.sub(lambda match: number(float(match[0])), rest.strip())


def translation(dx: float, dy: float) -> str:
    """Write a shift as a transform, or nothing where there is none."""
    x, y = number(dx), number(dy)
    return f"translate({x} {y})" if (x, y) != ("0", "0") else ""


def moved(element: Element, dx: float, dy: float) -> Element | None:
    """Copy the geometry of a shape, moved; None if it has none."""
    if element.tag == "path":
        path = simplify(move(parse(element.get("d", "")), dx, dy))
        return Element("path", {"d": write(path)}) if path else None
    if element.tag in ("polygon", "polyline"):
        numbers = [float(n) for n in _NUMBER.findall(element.get("points", ""))]
        points = [number(n + (dy if i % 2 else dx)) for i, n in enumerate(numbers)]
        return Element(element.tag, {"points": " ".join(points)}) if points else None
    shape = Element(element.tag)
    for name in GEOMETRY[element.tag]:
        value = pixels(element.get(name, ""), 1)
        value += dx if name in _SHIFTED_X else dy if name in _SHIFTED_Y else 0
        if value or name in element.attrib:
            shape.set(name, number(value))
    if not all(float(shape.get(name, "0")) > 0 for name in _EXTENTS.get(element.tag, ())):
        return None
    return shape


def diamond(box: Element) -> Element:
    """Return the rhombus that fits into a box."""
    x, y, width, height = (float(box.get(name, "0")) for name in ("x", "y", "width", "height"))
    middle, level = x + width / 2, y + height / 2
    points = (middle, y, x + width, level, middle, y + height, x, level)
    return Element("polygon", {"points": " ".join(number(value) for value in points)})


def painted(shape: Element, role: str) -> Element:
    """Give a shape its role, and a box its corners."""
    if role:
        shape.set("class", role)
    if shape.tag == "rect" and role in ("", "surface", "frame", "note"):
        radius = float(shape.get("rx", "0"))
        shape.set("rx", _CORNERS.get(radius, number(radius)))
    return shape
