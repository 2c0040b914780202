"""Turn the nested groups of a raw drawing into a flat list of placed, plain elements."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import zip_longest
from xml.etree.ElementTree import Element

from guide.diagrams import outlines
from guide.diagrams.config import LINE_MARK, NOTE_MARK
from guide.diagrams.geometry import GEOMETRY, diamond, moved, painted, transform, translation
from guide.diagrams.markers import POSITIONS, Markers
from guide.diagrams.paths import move, number, parse, simplify, write
from guide.diagrams.roles import role_of
from guide.diagrams.text import inherited, pixels, plain_text, property_of, words

_GROUPS = ("svg", "g", "a", "switch")
# Groups whose labels stay at their left edge, in a column.
_COLUMNS = {"members-group", "methods-group", "attribute-type", "attribute-name"}
_COLUMNS |= {"attribute-keys", "attribute-comment"}
_LABEL_STYLES = {
    "titleText": {"text-anchor": "middle", "font-size": "16"},
    "taskText": {"text-anchor": "middle"},
    "taskTextOutsideLeft": {"text-anchor": "end"},
    "pieTitleText": {"text-anchor": "middle", "font-size": "16"},
    "commit-label": {"font-size": "12"},
    "tag-label": {"font-size": "12"},
}
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
        elif element.tag in ("path", "polygon", "polyline", *GEOMETRY):
            yield from self._shape(element, place)

    def _group(self, element: Element, place: _Place) -> Iterator[Element]:
        dx, dy, rest = transform(element)
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
        if address := _address(element):
            yield _link(address, sorted(self._children(element, inner), key=_layer))
            return
        if not rest:
            yield from self._children(element, inner)
            return
        turned = Element("g", {"transform": translation(inner.dx, inner.dy) + rest})
        turned.extend(self._children(element, replace(inner, dx=0.0, dy=0.0, centre=None)))
        if len(turned):
            yield turned

    def _label(self, element: Element, place: _Place) -> Iterator[Element]:
        dx, dy, rest = transform(element)
        role = role_of(element, set(place.classes))
        style = {**place.style, **_label_style(element)}
        if self._kind.startswith(("flowchart", "block")) and "node" in place.classes:
            style["text-anchor"] = "middle"
        centre = None if "text-anchor" in element.attrib else place.centre
        dx, dy = place.dx + dx, place.dy + dy
        x, y = (0.0, 0.0) if rest else (dx, dy)
        if place.start is not None:
            x, style = place.start, {**style, "text-anchor": "start"}
        text = plain_text(element, x, y, style, centre)
        if text is None:
            return
        if rest:
            text.set("transform", translation(dx, dy) + rest)
        if role:
            text.set("class", role)
        yield text

    def _shape(self, element: Element, place: _Place) -> Iterator[Element]:
        if "sequencenumber" in element.get("marker-start", ""):
            yield _number_disc(element, place)
            return
        role = role_of(element, set(place.classes))
        if role is None:
            return
        dx, dy, rest = transform(element)
        dx, dy = place.dx + dx, place.dy + dy
        shape = moved(element, 0, 0) if rest else moved(element, dx, dy)
        if shape is None:
            return
        if "milestone" in element.get("class", "").split():
            shape = diamond(shape)
        if rest:
            shape.set("transform", translation(dx, dy) + rest)
        for position in POSITIONS:
            if name := self.markers.name(element.get(position, "")):
                shape.set(position, f"url(#{name})")
        yield painted(shape, role)

    def _sketch(self, outline: Element, stroke: Element, place: _Place) -> Iterator[Element]:
        filled = Element("path", {"class": outline.get("class", "")})
        role = role_of(filled, set(place.classes))
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
            yield painted(Element(*plain), role)
        else:
            yield painted(Element("path", {"d": write(simplify(path)) + "Z"}), role)
        known = {(round(x), round(y)) for x, y in (s.end for s in path if s.command != "Z")}
        ends = {(round(s.end[0]), round(s.end[1])) for s in drawn if s.command != "Z"}
        if not plain and ends - known:
            yield painted(Element("path", {"d": write(drawn)}), "rule")


def _address(element: Element) -> str:
    """Where a node leads that the source has made a link; whatever is unsafe Mermaid left out."""
    if element.tag != "a":
        return ""
    found = (value for name, value in element.items() if name.rpartition("}")[2] == "href")
    address = next(found, "")
    return "" if address == "about:blank" else address


def _link(address: str, children: list[Element]) -> Element:
    """A link around a node; its name is the label with its rows joined by spaces."""
    name = " ".join(words(child) for child in children if child.tag == "text")
    link = Element("a", {"href": address, "aria-label": name})
    link.extend(children)
    return link


def _label_style(element: Element) -> dict[str, str]:
    """Return what Mermaid's own stylesheet said about a label of some classes."""
    style: dict[str, str] = {}
    for name in element.get("class", "").split():
        style |= _LABEL_STYLES.get(name, {})
    return style


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


def _is_dot(outline: Element, plain: outlines.Shape | None) -> bool:
    """Whether a sketch is a bar or the inner disc of an end: filled with the line colour."""
    if plain and plain[0] == "circle":
        return float(plain[1]["r"]) < _SMALLEST_NODE
    return outline.get("fill") == LINE_MARK


def _box(group: Element, dx: float) -> tuple[float, float]:
    """Left edge and middle of the first box in a group."""
    box = next(group.iter("rect"), group)
    left = dx + pixels(box.get("x", ""), 1)
    return left, left + pixels(box.get("width", ""), 1) / 2


def _number_disc(line: Element, place: _Place) -> Element:
    x, y = pixels(line.get("x1", ""), 1) + place.dx, pixels(line.get("y1", ""), 1) + place.dy
    disc = {"cx": number(x), "cy": number(y), "r": _NUMBER_RADIUS, "class": "accent"}
    return Element("circle", disc)
