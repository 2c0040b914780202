"""Read a label of a raw drawing as rows of styled runs, and write it as plain SVG text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from xml.etree.ElementTree import Element, SubElement

from guide.diagrams.config import FONT_SIZE
from guide.diagrams.paths import number

STYLES = ("font-style", "font-weight", "text-decoration")
"""What of a label's style carries meaning; the rest is the stylesheet's."""

_PLAIN = {"", "normal", "400", "none", "inherit"}
_LENGTH = re.compile(r"^\s*([-+]?[\d.]+(?:e[-+]?\d+)?)\s*(em|ex|px|pt)?\s*$")

Style = tuple[tuple[str, str], ...]


@dataclass(slots=True)
class _Row:
    x: float
    y: float
    anchor: str
    runs: list[tuple[str, Style]]

    @property
    def text(self) -> str:
        return "".join(text for text, _ in self.runs)


def declarations(element: Element) -> dict[str, str]:
    """Read an inline style attribute; the first of equal names is what Mermaid means."""
    result: dict[str, str] = {}
    for item in element.get("style", "").split(";"):
        name, colon, value = item.partition(":")
        if colon:
            result[name.strip()] = value.replace("!important", "").strip()
    return result


def property_of(element: Element, name: str) -> str:
    """Return a presentation property from an element's style or attribute."""
    return declarations(element).get(name) or element.get(name) or ""


def inherited(element: Element, before: Mapping[str, str]) -> dict[str, str]:
    """Return the text properties that the children of `element` inherit."""
    result = dict(before)
    for name in (*STYLES, "font-size", "text-anchor"):
        value = property_of(element, name)
        # Labels repeat "normal" on every word, also within what is set in bold or italics.
        if value and (value not in _PLAIN or name not in result):
            result[name] = value
    return result


def plain_text(
    element: Element, dx: float, dy: float, style: Mapping[str, str], centre: float | None
) -> Element | None:
    """Write a label as a text element moved by (dx, dy); None if it has no words.

    A label whose shape is centred on `centre` is anchored there, because the reader's font
    is not as wide as the one that placed its left edge.
    """
    style = inherited(element, style)
    size = pixels(style.get("font-size", ""), FONT_SIZE) or FONT_SIZE
    rows = [row for row in _rows(element, style, size) if row.text.strip()]
    if not rows:
        return None
    result = Element("text")
    anchor = "middle" if centre is not None else rows[0].anchor
    if anchor != "middle":
        result.set("text-anchor", anchor)
    if size != FONT_SIZE:
        result.set("font-size", number(size))
    if baseline := property_of(element, "dominant-baseline"):
        result.set("dominant-baseline", baseline)
    common = rows[0].runs[0][1]
    if any(run_style != common for row in rows for _, run_style in row.runs):
        common = ()
    for name, value in common:
        result.set(name, value)
    for index, row in enumerate(rows):
        place = {
            "x": number(dx + row.x if centre is None else centre),
            "y": number(dy + row.y),
        }
        if index == 0:
            target = result
            result.attrib.update(place)
        else:
            target = SubElement(result, "tspan", place)
        _write_runs(target, row, common)
    return result


def words(text: Element) -> str:
    """What a plain text element says, its rows joined by spaces."""
    rows = [text.text or ""]
    for part in text:
        rows.append((" " if "x" in part.attrib else "") + "".join(part.itertext()))
        rows.append(part.tail or "")
    return " ".join("".join(rows).split())


def _write_runs(target: Element, row: _Row, common: Style) -> None:
    last: Element | None = None
    for index, (text, style) in enumerate(row.runs):
        if index == 0:
            text = text.lstrip()
        if index == len(row.runs) - 1:
            text = text.rstrip()
        if style == common:
            if last is None:
                target.text = (target.text or "") + text
            else:
                last.tail = (last.tail or "") + text
        else:
            last = Element("tspan", dict(style))
            last.text = text
            target.append(last)


def _rows(element: Element, style: Mapping[str, str], size: float) -> list[_Row]:
    x, y = pixels(element.get("x", ""), size), pixels(element.get("y", ""), size)
    first = next(iter(element), None)
    # The shift of a label gives way to that of its first row.
    if first is None or "dy" not in first.attrib:
        y += pixels(element.get("dy", ""), size)
    rows = [_Row(x, y, style.get("text-anchor", "start"), [])]
    _read(element, style, size, rows)
    return rows


def _read(element: Element, style: Mapping[str, str], size: float, rows: list[_Row]) -> None:
    _add(rows[-1], element.text, style)
    for child in element:
        child_style = inherited(child, style)
        if {"x", "y", "dy"} & child.attrib.keys():
            last = rows[-1]
            x = pixels(child.get("x", ""), size) if "x" in child.attrib else last.x
            y = pixels(child.get("y", ""), size) if "y" in child.attrib else last.y
            y += pixels(child.get("dy", ""), size)
            rows.append(_Row(x, y, child_style.get("text-anchor", "start"), []))
        _read(child, child_style, size, rows)
        _add(rows[-1], child.tail, style)


def _add(row: _Row, text: str | None, style: Mapping[str, str]) -> None:
    text = re.sub(r"\s+", " ", text or "")
    if not text or (not row.runs and not text.strip()):
        return
    kept = tuple(
        (name, "bold" if style[name] == "bolder" else style[name])
        for name in STYLES
        if style.get(name, "") not in _PLAIN
    )
    if row.runs and row.runs[-1][1] == kept:
        row.runs[-1] = (row.runs[-1][0] + text, kept)
    else:
        row.runs.append((text, kept))


def pixels(length: str, size: float) -> float:
    """Return an SVG length in pixels, where one em is `size`; 0 for what is none."""
    match = _LENGTH.match(length)
    if match is None:
        return 0.0
    return float(match[1]) * {"em": size, "ex": size / 2, "pt": 4 / 3}.get(match[2] or "", 1.0)
