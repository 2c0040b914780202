"""The nodes in a line of a flowchart: where each stands and what it says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from guide.intake.code.diagram_lines import MAX_LINE

_CLOSING = {"[": "]", "(": ")", "{": "}"}
_OPENING = re.compile(r"(?P<id>\w+)[ ]?(?P<bracket>[\[({])")
_DOUBLED = ("((", "([", "[(", "[[", "{{")
_BETWEEN = re.compile(r"--[ ]+[^|]*?[ ]+--+>|==[ ]+[^|]*?[ ]+==+>|-\.[ ]+[^|]*?[ ]+\.-+>")
_ID = re.compile(r"\w+(?:-\w+)*")
_EDGE_LABEL = re.compile(r"\|[^|]*\|")
_KEYWORDS = ("subgraph", "direction", "click", "style", "classDef", "class", "linkStyle", "acc")


@dataclass(frozen=True, slots=True)
class Shape:
    """The brackets of a node and what is in them: `start` and `end` are around the text."""

    id: str
    bracket: str
    text: str
    start: int
    end: int

    @property
    def compound(self) -> bool:
        """Whether two brackets together draw the shape, as in `[(a cylinder)]`."""
        opening = self.bracket + self.text[:1]
        if opening in _DOUBLED:
            return self.text.endswith(_CLOSING[self.text[0]])
        return self.bracket == "[" and self.text[:1] in "/\\" and self.text[-1:] in "/\\"

    @property
    def label(self) -> str:
        """What a reader sees in the node."""
        text = self.text[1:-1] if self.compound and len(self.text) > 1 else self.text
        return text.strip("()[]{}").strip().removeprefix('"').removesuffix('"').strip()


def shapes(line: str) -> Iterator[Shape]:
    """Yield the shapes of a line; one that is never closed ends the search."""
    done = 0
    while opening := _OPENING.search(line, done):
        start = opening.end()
        end = _closing(line, start, opening["bracket"])
        if end < 0:
            return
        yield Shape(opening["id"], opening["bracket"], line[start:end], start, end)
        done = end + 1


def nodes(line: str) -> Iterator[tuple[str, str]]:
    """Yield id and label of each node that a line names; the label is empty without a shape."""
    words = line.split(maxsplit=1)
    if not words or len(line) > MAX_LINE or words[0].startswith(_KEYWORDS):
        return
    labels: dict[str, str] = {}
    rest, done = "", 0
    for shape in shapes(line):
        labels.setdefault(shape.id, shape.label)
        rest += line[done : shape.start - 1]
        done = shape.end + 1
    rest += line[done:]
    rest = _BETWEEN.sub("-->", _EDGE_LABEL.sub(" ", rest))
    for name in _ID.findall(re.sub(r"[-=.~]{2,}[>xo]?", " ", rest)):
        yield name, labels.get(name, "")


def _closing(line: str, start: int, bracket: str) -> int:
    """The offset of the bracket that closes the one before `start`, or -1."""
    closing, depth, quoted = _CLOSING[bracket], 0, False
    for offset in range(start, len(line)):
        char = line[offset]
        if char == '"':
            quoted = not quoted
        elif quoted:
            continue
        elif char == bracket:
            depth += 1
        elif char == closing:
            if not depth:
                return offset
            depth -= 1
    return -1
