"""Turn the nested groups of a raw drawing into a flat list of placed, plain elements."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import zip_longest
from xml.etree.ElementTree import Element

from guide.diagrams import outlines
from guide.diagrams.config import LINE_MARK, NOTE_MARK
from guide.diagrams.markers import POSITIONS, Markers
from guide.diagrams.paths import move, number, parse, simplify, write
from guide.diagrams.roles import role_of
from guide.diagrams.text import inherited, pixels, plain_text, property_of

_GROUPS = ("svg", "g", "a", "switch")
_SHIFTED_X = ("x", "cx", "x1", "x2")
_SHIFTED_Y = ("y", "cy", "y1", "y2")
_SIZES = ("width", "height", "r", "rx", "ry")
_GEOMETRY = {
    "rect": ("x", "y", "width", "height", "rx"),
    "circle": ("cx", "cy", "r"),
    "ellipse": ("cx", "cy", "rx", "ry"),
    "line": ("x1", "y1", "x2", "y2"),
}
_TRANSLATE = re.compile(r"\s*translate\(\s*([-\d.e]+)(?:[\s,]+([-\d.e]+))?\s*\)")
_NO_TURN = re.compile(r"\s*rotate\(\s*0\s*\)")
# Groups whose labels stay at their left edge, in a column.
_COLUMNS = {"members-group", "methods-group", "attribute-type", "attribute-name"}
_COLUMNS |= {"attribute-keys", "attribute-comment"}
_CORNERS = {0.0: "4", 5.0: "10"}
_NUMBER_RADIUS = "9"
_TITLE_INDENT = 10
_SMALLEST_NODE = 4


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the walk is: the shift so far, what is inherited, and where a label is anchored."""

    dx: float
    dy: float
    classes: frozenset[str] = frozenset()
    style: Mapping[str, str] = field(default_factory=dict)
    centre: float | None = None
    start: float | None = None


class Flattener:
    """Flattens one raw drawing of a kind, such as "flowchart-v2" or "sequence"."""

    def __init__(self, raw: Element, kind: str) -> None:
        self._kind = kind
        self._raw = raw
        self.markers = Markers(raw)

    def elements(self, dx: float, dy: float) -> list[Element]:
        """Return the visible elements in painting order, moved by (dx, dy)."""
        elements = list(self._children(self._raw, _Place(dx, dy)))
        return sorted(elements, key=_layer)

    def _children(self, element: Element, place: _Place) -> Iterator[Element]:
        children = list(element)
        skip = False
        for child, following in zip_longest(children, children[1:]):
            if skip:
                skip = False
                continue
            # A sketched shape comes as its filled outline and its stroke: one element says both.
            if following is not None and _is_sketch(child, following):
                yield from self._sketch(child, following, place)
                skip = True
            else:
                yield from self._element(child, place)

    def _element(self, element: Element, place: _Place) -> Iterator[Element]:
        if property_of(element, "display") == "none":
            return
        if element.tag in _GROUPS:
            yield from self._group(element, place)
        elif element.tag == "text":
            yield from self._label(element, place)
        elif element.tag in ("path", "polygon", "polyline", *_GEOMETRY):
            yield from self._shape(element, place)

    def _group(self, element: Element, place: _Place) -> Iterator[Element]:
        dx, dy, rest = _transform(element)
        own = frozenset(element.get("class", "").split())
        inner = replace(
            place,
            dx=place.dx + dx,
            dy=place.dy + dy,
            classes=place.classes | own,
            style=inherited(element, place.style),
        )
        if "node" in own and not self._kind.startswith(("flowchart", "block")):
            inner = replace(inner, centre=inner.dx)
        elif "statediagram-cluster" in own:
            inner = replace(inner, centre=_box(element, inner.dx)[1])
        elif "cluster" in own:
            # At the left: edges enter a frame in the middle of its top.
            inner = replace(inner, start=_box(element, inner.dx)[0] + _TITLE_INDENT)
        elif own & _COLUMNS:
            inner = replace(inner, centre=None)
        if not rest:
            yield from self._children(element, inner)
            return
        turned = Element("g", {"transform": _translation(inner.dx, inner.dy) + rest})
        turned.extend(self._children(element, replace(inner, dx=0.0, dy=0.0, centre=None)))
        if len(turned):
            yield turned

    def _label(self, element: Element, place: _Place) -> Iterator[Element]:
        dx, dy, rest = _transform(element)
        role = role_of(element, set(place.classes))
        style = place.style
        middle = self._kind.startswith(("flowchart", "block")) and "node" in place.classes
        if middle or "titleText" in element.get("class", "") or self._is_centred_task(element):
            style = {**style, "text-anchor": "middle"}
        if "pieTitleText" in element.get("class", ""):
            style = {**style, "text-anchor": "middle", "font-size": "16"}
        if "taskTextOutsideLeft" in element.get("class", ""):
            style = {**style, "text-anchor": "end"}
        centre = None if "text-anchor" in element.attrib else place.centre
        x, y = (0.0, 0.0) if rest else (place.dx + dx, place.dy + dy)
        if place.start is not None:
            x, style = place.start, {**style, "text-anchor": "start"}
        text = plain_text(element, x, y, style, centre)
        if text is None:
            return
        if rest:
            text.set("transform", _translation(place.dx + dx, place.dy + dy) + rest)
        if role:
            text.set("class", role)
        yield text

    def _is_centred_task(self, element: Element) -> bool:
        return "taskText" in element.get("class", "").split()

    def _shape(self, element: Element, place: _Place) -> Iterator[Element]:
        if "sequencenumber" in element.get("marker-start", ""):
            yield _number_disc(element, place)
            return
        role = role_of(element, set(place.classes))
        if role is None:
            return
        dx, dy, rest = _transform(element)
        dx, dy = (0.0, 0.0) if rest else (place.dx + dx, place.dy + dy)
        shape = _moved(element, dx, dy)
        if shape is None:
            return
        if "milestone" in element.get("class", "").split():
            shape = _diamond(shape)
        if rest:
            start = _transform(element)
            turn = _translation(place.dx + start[0], place.dy + start[1]) + rest
            shape.set("transform", turn)
        for position in POSITIONS:
            if name := self.markers.name(element.get(position, "")):
                shape.set(position, f"url(#{name})")
        yield _painted(shape, role)

    def _sketch(self, outline: Element, stroke: Element, place: _Place) -> Iterator[Element]:
        role = role_of(_as_filled(outline), set(place.classes))
        if role is None:
            return
        path = move(parse(outline.get("d", "")), place.dx, place.dy)
        drawn = simplify(move(parse(stroke.get("d", "")), place.dx, place.dy))
        plain = outlines.recognize(path)
        if _is_dot(outline, plain):
            role = "dot"
        elif outline.get("fill") == NOTE_MARK:
            role = "note"
        if plain:
            yield _painted(Element(*plain), role)
        else:
            yield _painted(Element("path", {"d": write(simplify(path)) + "Z"}), role)
        known = {(round(x), round(y)) for x, y in (s.end for s in path if s.command != "Z")}
        ends = {(round(s.end[0]), round(s.end[1])) for s in drawn if s.command != "Z"}
        if not plain and ends - known:
            yield _painted(Element("path", {"d": write(drawn)}), "rule")


def _layer(element: Element) -> int:
    """Words that cross lines are painted over everything but the numbers of messages."""
    return {"halo": 1, "accent": 2, "on-accent": 2}.get(element.get("class", ""), 0)


def _is_sketch(outline: Element, stroke: Element) -> bool:
    return (
        outline.tag == stroke.tag == "path"
        and outline.get("stroke") == "none"
        and stroke.get("fill") == "none"
        and not any(position in stroke.attrib for position in POSITIONS)
    )


def _as_filled(outline: Element) -> Element:
    return Element("path", {"class": outline.get("class", "")})


def _is_dot(outline: Element, plain: outlines.Shape | None) -> bool:
    """Whether a sketch is a bar or the inner disc of an end: filled with the line colour."""
    if plain and plain[0] == "circle":
        return float(plain[1]["r"]) < _SMALLEST_NODE
    return outline.get("fill") == LINE_MARK


def _transform(element: Element) -> tuple[float, float, str]:
    """Split a transform into its leading shift and the rest."""
    rest = _NO_TURN.sub("", element.get("transform", ""))
    dx = dy = 0.0
    while match := _TRANSLATE.match(rest):
        dx, dy = dx + float(match[1]), dy + float(match[2] or 0)
        rest = rest[match.end() :]
    numbers = re.compile(r"-?\d+\.\d+(?:e-?\d+)?")
    return dx, dy, numbers.sub(lambda m: number(float(m[0])), rest.strip())


def _translation(dx: float, dy: float) -> str:
    x, y = number(dx), number(dy)
    return f"translate({x} {y})" if (x, y) != ("0", "0") else ""


def _box(group: Element, dx: float) -> tuple[float, float]:
    """Left edge and middle of the first box in a group."""
    box = next(group.iter("rect"), group)
    left = dx + pixels(box.get("x", ""), 1)
    return left, left + pixels(box.get("width", ""), 1) / 2


def _number_disc(line: Element, place: _Place) -> Element:
    x, y = pixels(line.get("x1", ""), 1) + place.dx, pixels(line.get("y1", ""), 1) + place.dy
    disc = {"cx": number(x), "cy": number(y), "r": _NUMBER_RADIUS, "class": "accent"}
    return Element("circle", disc)


def _moved(element: Element, dx: float, dy: float) -> Element | None:
    """Copy the geometry of a shape, moved; None if it has none."""
    if element.tag == "path":
        path = simplify(move(parse(element.get("d", "")), dx, dy))
        return Element("path", {"d": write(path)}) if path else None
    if element.tag in ("polygon", "polyline"):
        numbers = [float(n) for n in re.findall(r"[-+]?[\d.]+(?:e-?\d+)?", element.get("points", ""))]
        moved = [number(n + (dy if i % 2 else dx)) for i, n in enumerate(numbers)]
        return Element(element.tag, {"points": " ".join(moved)}) if moved else None
    shape = Element(element.tag)
    for name in _GEOMETRY[element.tag]:
        value = pixels(element.get(name, ""), 1)
        value += dx if name in _SHIFTED_X else dy if name in _SHIFTED_Y else 0
        if name in element.attrib or (value and name not in _SIZES):
            shape.set(name, number(value))
    sized = {"rect": ("width", "height"), "circle": ("r",), "ellipse": ("rx", "ry")}
    if not all(float(shape.get(name, "0")) > 0 for name in sized.get(element.tag, ())):
        return None
    return shape


def _diamond(box: Element) -> Element:
    x, y, width, height = (float(box.get(name, "0")) for name in ("x", "y", "width", "height"))
    points = (x + width / 2, y, x + width, y + height / 2, x + width / 2, y + height, x, y + height / 2)
    return Element("polygon", {"points": " ".join(number(value) for value in points)})


def _painted(shape: Element, role: str) -> Element:
    if role:
        shape.set("class", role)
    if shape.tag == "rect" and role in ("", "surface", "frame", "note"):
        radius = float(shape.get("rx", "0"))
        shape.set("rx", _CORNERS.get(radius, number(radius)))
    return shape
