"""Recognize drawn outlines as the plain shapes they are.

Many node shapes arrive as a hundred short curves drawn twice. A rectangle, a pill or an
ellipse says the same in one element, and a stylesheet can round it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from guide.diagrams.paths import Path, Point, number

Shape = tuple[str, dict[str, str]]
"""Tag and geometry attributes of an SVG element."""

_NEAR = 0.3


def recognize(path: Path) -> Shape | None:
    """Return the plain shape that a closed outline draws, or None."""
    points = [segment.end for segment in path if segment.command in "MLC"]
    if len(points) < 4 or any(segment.command in "QA" for segment in path):
        return None
    left, right = min(x for x, _ in points), max(x for x, _ in points)
    top, bottom = min(y for _, y in points), max(y for _, y in points)
    width, height = right - left, bottom - top
    if min(width, height) < 1:
        return None
    box = {"x": left, "y": top, "width": width, "height": height}
    middle = ((left + right) / 2, (top + bottom) / 2)
    if len(points) <= 6 and _all(points, lambda p: _on_corner(p, left, right, top, bottom)):
        return "rect", _written(box)
    if len(points) < 12:
        return None
    if _all(points, lambda p: _on_pill(p, middle, width, height)):
        if abs(width - height) < _NEAR:
            return "circle", _written({"cx": middle[0], "cy": middle[1], "r": width / 2})
        return "rect", _written({**box, "rx": min(width, height) / 2})
    return None


def _all(points: Sequence[Point], test: Callable[[Point], bool]) -> bool:
    return all(test(point) for point in points)


def _on_corner(point: Point, left: float, right: float, top: float, bottom: float) -> bool:
    x, y = point
    return min(abs(x - left), abs(x - right)) < _NEAR and min(abs(y - top), abs(y - bottom)) < _NEAR


def _on_pill(point: Point, middle: Point, width: float, height: float) -> bool:
    """Whether a point lies at half the shorter side from the pill's inner axis."""
    radius = min(width, height) / 2
    dx, dy = abs(point[0] - middle[0]), abs(point[1] - middle[1])
    dx, dy = max(0.0, dx - width / 2 + radius), max(0.0, dy - height / 2 + radius)
    return bool(abs((dx * dx + dy * dy) ** 0.5 - radius) < _NEAR)


def _written(geometry: dict[str, float]) -> dict[str, str]:
    return {name: number(value) for name, value in geometry.items()}
