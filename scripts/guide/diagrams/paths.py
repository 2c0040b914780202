"""Path data as numbers: parse, move, simplify, write with two decimals.

Layout engines emit many points that a straight line or one curve says as well; what is
removed here lies within a tenth of a pixel of what stays.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

Point = tuple[float, float]

TOLERANCE = 0.1
"""Largest distance, in pixels, by which a simplified path may differ from its source."""

_TOKEN = re.compile(r"([A-Za-z])|([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)")
_ARGUMENTS = {"M": 2, "L": 2, "H": 1, "V": 1, "C": 6, "S": 4, "Q": 4, "T": 2, "A": 7, "Z": 0}


@dataclass(frozen=True, slots=True)
class Segment:
    """One absolute command: M, L, C, Q, A or Z with its numbers; the end point comes last."""

    command: str
    numbers: tuple[float, ...] = ()

    @property
    def end(self) -> Point:
        """The point at which the segment ends; not defined for Z."""
        return self.numbers[-2], self.numbers[-1]


Path = tuple[Segment, ...]


def parse(data: str) -> Path:
    """Parse path data into absolute segments; raises ValueError for what is not path data."""
    segments: list[Segment] = []
    here = start = (0.0, 0.0)
    for command, numbers in _commands(data):
        relative, letter = command.islower(), command.upper()
        dx, dy = here if relative else (0.0, 0.0)
        absolute: tuple[float, ...]
        if letter == "Z":
            segments.append(Segment("Z"))
            here = start
            continue
        if letter == "H":
            letter, absolute = "L", (numbers[0] + dx, here[1])
        elif letter == "V":
            letter, absolute = "L", (here[0], numbers[0] + dy)
        elif letter == "A":
            absolute = (*numbers[:5], numbers[5] + dx, numbers[6] + dy)
        else:
            absolute = tuple(n + (dy if i % 2 else dx) for i, n in enumerate(numbers))
        if letter in "ST":
            letter, absolute = _smooth(letter, absolute, here, segments)
        segments.append(Segment(letter, absolute))
        here = segments[-1].end
        if letter == "M":
            start = here
    return tuple(segments)


def _commands(data: str) -> Iterator[tuple[str, tuple[float, ...]]]:
    command, numbers = "", list[float]()
    for letter, number in _TOKEN.findall(data):
        if letter:
            if letter.upper() not in _ARGUMENTS or numbers:
                raise ValueError(f"not path data: {data[:40]!r}")
            command = letter
            if letter in "Zz":
                yield command, ()
            continue
        if not command or command in "Zz":
            raise ValueError(f"not path data: {data[:40]!r}")
        numbers.append(float(number))
        if len(numbers) == _ARGUMENTS[command.upper()]:
            yield command, tuple(numbers)
            numbers = []
            # Further pairs after a move are lines.
            command = {"M": "L", "m": "l"}.get(command, command)
    if numbers:
        raise ValueError(f"not path data: {data[:40]!r}")


def _smooth(
    letter: str, numbers: tuple[float, ...], here: Point, before: Sequence[Segment]
) -> tuple[str, tuple[float, ...]]:
    """Write S and T as C and Q: their first control point mirrors the one before."""
    full = "C" if letter == "S" else "Q"
    control = here
    if before and before[-1].command == full:
        x, y = before[-1].numbers[-4:-2]
        control = (2 * here[0] - x, 2 * here[1] - y)
    return full, (*control, *numbers)


def move(path: Path, dx: float, dy: float) -> Path:
    """Move a path."""
    return tuple(_moved(segment, dx, dy) for segment in path)


def _moved(segment: Segment, dx: float, dy: float) -> Segment:
    fixed = 5 if segment.command == "A" else 0
    moved = tuple(n + (dy if i % 2 else dx) for i, n in enumerate(segment.numbers[fixed:]))
    return Segment(segment.command, segment.numbers[:fixed] + moved)


def simplify(path: Path) -> Path:
    """Drop points that change nothing visible and strokes that repeat the one before."""
    pieces: list[list[Segment]] = []
    before: list[Segment] = []
    for piece in subpaths(path):
        straightened = _straighten(piece)
        if len(straightened) < 2 or straightened == before:
            continue
        before = straightened
        last = pieces[-1] if pieces else None
        if last and last[-1].command != "Z" and _same(last[-1].end, straightened[0].end):
            pieces[-1] = _straighten([*last, *straightened[1:]])
        else:
            pieces.append(straightened)
    return tuple(segment for piece in pieces for segment in piece)


def subpaths(path: Path) -> Iterator[list[Segment]]:
    """Split a path at its moves."""
    piece: list[Segment] = []
    for segment in path:
        if segment.command == "M" and piece:
            yield piece
            piece = []
        piece.append(segment)
    if piece:
        yield piece


def _straighten(piece: Sequence[Segment]) -> list[Segment]:
    result = [piece[0]]
    run: list[Point] = [piece[0].end]
    for segment in piece[1:]:
        if segment.command == "C" and _is_straight(run[-1], segment.numbers):
            segment = Segment("L", segment.end)
        if segment.command == "L":
            run.append(segment.end)
            continue
        result += [Segment("L", point) for point in thin(run)[1:]]
        result.append(segment)
        run = [segment.end if segment.command != "Z" else piece[0].end]
    result += [Segment("L", point) for point in thin(run)[1:]]
    return result


def _is_straight(start: Point, curve: Sequence[float]) -> bool:
    end = curve[4], curve[5]
    return all(_distance((curve[i], curve[i + 1]), start, end) <= TOLERANCE / 2 for i in (0, 2))


def thin(points: Sequence[Point]) -> list[Point]:
    """Drop the points of a polyline that lie on the line between those that stay."""
    if len(points) < 3:
        return [p for i, p in enumerate(points) if i == 0 or not _same(p, points[i - 1])]
    far, index = max((_distance(p, points[0], points[-1]), i) for i, p in enumerate(points))
    if far <= TOLERANCE:
        return [points[0], points[-1]]
    return thin(points[: index + 1])[:-1] + thin(points[index:])


def _distance(point: Point, start: Point, end: Point) -> float:
    """Distance of a point from the segment between two others."""
    (x, y), (ax, ay), (bx, by) = point, start, end
    length = (bx - ax) ** 2 + (by - ay) ** 2
    along = ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / length if length else 0.0
    along = min(1.0, max(0.0, along))
    return math.hypot(x - ax - along * (bx - ax), y - ay - along * (by - ay))


def _same(one: Point, other: Point) -> bool:
    return math.dist(one, other) <= TOLERANCE / 2


def number(value: float) -> str:
    """Write a number with at most two decimals and nothing that says nothing."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    if text in ("-0", ""):
        return "0"
    return text.replace("0.", ".", 1) if text.startswith(("0.", "-0.")) else text


def write(path: Path) -> str:
    """Write path data as short as two decimals allow."""
    parts: list[str] = []
    here = ("", "")
    for segment in path:
        numbers = [number(n) for n in segment.numbers]
        if segment.command == "Z":
            parts.append("Z")
            here = ("", "")
            continue
        end = numbers[-2], numbers[-1]
        if segment.command == "L" and end == here:
            continue
        if segment.command == "L" and end[1] == here[1]:
            parts.append("H" + end[0])
        elif segment.command == "L" and end[0] == here[0]:
            parts.append("V" + end[1])
        else:
            parts.append(segment.command + " ".join(numbers))
        here = end
    return "".join(parts)
