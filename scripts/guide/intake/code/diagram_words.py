"""A title and a description for a diagram that has none, made of its place and its own words."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable, Iterator, Mapping

from guide.intake.code.diagram_lines import (
    CLASSES,
    FLOWCHARTS,
    MAX_LINE,
    STATES,
    Edit,
    Lines,
    joined,
)
from guide.intake.code.flowchart_text import nodes
from guide.library.diagram_text import describe

MIN_WORDS = 3
MAX_LABELS = 12
"""What is named one by one; a diagram of more parts says how many there are."""
MAX_TEXT = 60
"""Characters of a label in a description."""
AS_COMMENTS = frozenset(
    {"mindmap", "block", "block-beta", "kanban", "sankey", "sankey-beta", "zenuml"}
)
"""Kinds of diagram without a syntax for title and description."""

_KINDS: Mapping[str, str] = {
    **dict.fromkeys(FLOWCHARTS, "Flowchart"),
    **dict.fromkeys(CLASSES, "Class diagram"),
    **dict.fromkeys(STATES, "State diagram"),
    "sequenceDiagram": "Sequence diagram",
    "erDiagram": "Entity-relationship diagram",
    "pie": "Pie chart",
    "gantt": "Gantt chart",
    "journey": "User journey",
    "timeline": "Timeline",
    "gitGraph": "Git graph",
    "mindmap": "Mind map",
    "quadrantChart": "Quadrant chart",
    "xychart": "Chart",
    "xychart-beta": "Chart",
    "requirementDiagram": "Requirement diagram",
    "kanban": "Kanban board",
}
_FRONT_TITLE = re.compile(r"\A\s*---[ \t]*\ntitle:[ \t]*(?P<title>[^\n]*)\n")
_OWN_TITLE = re.compile(
    r"^[ \t]*(?:pie[ \t]+(?:showData[ \t]+)?)?title[ \t]+(?P<title>\S.*)$", re.M
)
_UNSAFE = re.compile(r"[;#<>\n]+")
_DESCRIPTION = re.compile(r"\s*(?:%%\s*)?accDescr\s*(?P<mark>[:{])")
_TAG = re.compile(r"<[^<>]*>")
_ENTITY = re.compile(r"#\w+;")
_ARROW = re.compile(r"\s*(?:<<)?--?(?:>>|[>x)])[+-]?\s*")
_PARTICIPANT = re.compile(r"\s*(?:create\s+)?(?:participant|actor)\s+(\S+)(?:\s+as\s+(.+))?")
_RELATION = re.compile(r"\s+(?:[|}{o<>*.-]{2,}\w*[|}{o<>*.-]*)\s+")
_QUOTED = re.compile(r'"([^"]+)"')
_KEYWORD = re.compile(
    r"\s*(?:%%|acc(?:Title|Descr)|title\b|section\b|dateFormat\b|axisFormat\b|tickInterval\b"
    r"|excludes\b|todayMarker\b|direction\b|columns\b|note\b|end\b|:::?|---|[}\]])",
    re.IGNORECASE,
)


def own_title(lines: Lines) -> str:
    """The title that a diagram gives itself in any syntax, or nothing."""
    text = joined(lines)
    match = _FRONT_TITLE.search(text) or _OWN_TITLE.search(text)
    return describe(text).title or (_safe(match["title"].strip("\"' ")) if match else "")


def with_words(lines: Lines, place: str) -> tuple[Lines, tuple[Edit, ...]]:
    """Return lines that say what they show; `place` names where the diagram stands, or is empty.

    Words that are there and suffice are kept.
    """
    said = describe(joined(lines))
    start = _first_line(lines, said.kind)
    if start is None:
        return lines, ()
    bare, before = _without_description(lines)
    labels = _labels(said.kind, bare[_first_line(bare, said.kind) or 0 :])
    title = own_title(lines) or _safe(place) or _from_ends(said.kind, labels)
    enough = len(said.description.split()) >= MIN_WORDS and said.description != title
    description = said.description if enough else _description(said.kind, labels, title)
    new, edits = [], []
    number = lines[start][0]
    if not said.title:
        new.append(f"accTitle: {title}")
        edits.append(Edit("inferred", number, "a title for a diagram", "", title))
    if not enough:
        lines = bare
        new.append(f"accDescr: {description}")
        message = "a description for a diagram"
        edits.append(
            Edit("changed" if before else "inferred", number, message, before, description)
        )
    start = _first_line(lines, said.kind) or 0
    mark = "%% " if said.kind in AS_COMMENTS else ""
    indent = _indent(lines[start + 1 :])
    added = tuple((number, f"{indent}{mark}{line}") for line in new)
    return (*lines[: start + 1], *added, *lines[start + 1 :]), tuple(edits)


def _first_line(lines: Lines, kind: str) -> int | None:
    """The index of the line that says which kind of diagram this is."""
    in_front = False
    for index, (_, text) in enumerate(lines):
        if text.strip() == "---":
            in_front = not in_front
        elif not in_front and kind and text.split()[:1] and text.split()[0].rstrip(";:") == kind:
            return index
    return None


def _indent(lines: Lines) -> str:
    """The indent of the first line that has text."""
    first = next((text for _, text in lines if text.strip()), "  ")
    return first[: len(first) - len(first.lstrip())] if first.strip() else first


def _without_description(lines: Lines) -> tuple[Lines, str]:
    """The lines without a description, on one line or in braces, and what it said."""
    kept, gone = [], []
    in_braces = False
    for number, text in lines:
        match = _DESCRIPTION.match(text)
        if match or in_braces:
            gone.append(text)
            in_braces = (in_braces or (match is not None and match["mark"] == "{")) and (
                "}" not in text
            )
        else:
            kept.append((number, text))
    return tuple(kept), "\n".join(gone)


def _description(kind: str, labels: list[str], title: str) -> str:
    name = _KINDS.get(kind, "Diagram")
    if not labels:
        return f"{name} that shows: {title}"
    shown = labels[:MAX_LABELS]
    if len(labels) > len(shown):
        return f"{name} of {', '.join(shown)} and {len(labels) - len(shown)} more."
    if len(shown) == 1:
        return f"{name} of {shown[0]}."
    return f"{name} of {', '.join(shown[:-1])} and {shown[-1]}."


def _from_ends(kind: str, labels: list[str]) -> str:
    name = _KINDS.get(kind, "Diagram")
    return f"{name}: {labels[0]} to {labels[-1]}" if len(labels) > 1 else name


def _labels(kind: str, lines: Lines) -> list[str]:
    """What the parts of the diagram are called, in order, each once."""
    read = _READERS.get(kind, _lines)
    body = [text for _, text in lines[1:] if len(text) <= MAX_LINE]
    if kind in FLOWCHARTS:
        body = [lines[0][1].partition(";")[2], *body]
    return [label for label in dict.fromkeys(map(_safe, read(body))) if label]


def _safe(text: str) -> str:
    """One line without what would end it early or open a block."""
    text = _UNSAFE.sub(" ", _ENTITY.sub(" ", _TAG.sub(" ", text.replace("\\n", " "))))
    text = " ".join(text.replace("`", "").replace("*", "").split()).strip(" :,.")
    return text if len(text) <= MAX_TEXT else text[:MAX_TEXT].rsplit(" ", 1)[0]


def _flowchart(body: Iterable[str]) -> Iterator[str]:
    labels: dict[str, str] = {}
    for line in body:
        if _KEYWORD.match(line):
            continue
        for name, label in itertools.chain.from_iterable(map(nodes, line.split(";"))):
            if label or name not in labels:
                labels[name] = label
    return (label or name for name, label in labels.items())


def _sequence(body: Iterable[str]) -> Iterator[str]:
    names: dict[str, str] = {}
    for line in body:
        if match := _PARTICIPANT.fullmatch(line):
            names[match[1]] = match[2] or match[1]
        elif ":" in line and not _KEYWORD.match(line):
            ends = _ARROW.split(line.partition(":")[0], maxsplit=1)
            if len(ends) == 2:
                for end in ends:
                    names.setdefault(end.strip(), end.strip())
    return iter(names.values())


def _states(body: Iterable[str]) -> Iterator[str]:
    for line in body:
        if "-->" in line:
            ends = line.partition(":")[0].split("-->")
            yield from (end.strip() for end in ends if end.strip() != "[*]")


def _relations(body: Iterable[str]) -> Iterator[str]:
    for line in body:
        if _KEYWORD.match(line):
            continue
        ends = _RELATION.split(line.partition(":")[0], maxsplit=1)
        if len(ends) == 2:
            yield from (_QUOTED.sub("", end).strip() for end in ends)
        elif line.rstrip().endswith("{"):
            yield line.strip(" {").removeprefix("class ")


def _quoted(body: Iterable[str]) -> Iterator[str]:
    return (label for line in body if not _KEYWORD.match(line) for label in _QUOTED.findall(line))


def _git(body: Iterable[str]) -> Iterator[str]:
    for line in body:
        yield from _QUOTED.findall(line)
        if line.split()[:1] == ["branch"]:
            yield line.split(maxsplit=1)[1]


def _lines(body: Iterable[str]) -> Iterator[str]:
    """What stands before the colon or in the brackets of each line."""
    for line in body:
        if not _KEYWORD.match(line):
            match = re.search(r"[\[({]+\"?([^\[\](){}\"]+)", line)
            yield match[1] if match else line.partition(":")[0].strip(' "')


_READERS: Mapping[str, Callable[[Iterable[str]], Iterator[str]]] = {
    **dict.fromkeys(FLOWCHARTS, _flowchart),
    **dict.fromkeys(STATES, _states),
    **dict.fromkeys(CLASSES, _relations),
    "erDiagram": _relations,
    "sequenceDiagram": _sequence,
    "gitGraph": _git,
    "pie": _quoted,
}
