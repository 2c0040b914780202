"""What Mermaid cannot read although it is clear what was meant: brackets and semicolons in text."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from guide.intake.code.diagram_lines import FLOWCHARTS, MAX_LINE, Edit, Lines
from guide.intake.code.flowchart_text import shapes

_SPECIAL = re.compile(r"[()\[\]{}\"]")
_EDGE_LABEL = re.compile(r"(?<=[-=.>xo~])(?P<gap>\s*)\|(?P<text>[^|\"]*[()\[\]{}][^|\"]*)\|")
_SUBGRAPH = re.compile(r"(?P<start>\s*subgraph\s+)(?P<title>[^\[\]\"]*[(){}][^\[\]\"]*)")
_MESSAGE = re.compile(
    r"(?P<start>\s*(?:[^:;]*?(?:->>?|-->>?|-x|-\)|<<--?>>)[^:;]*|[Nn]ote\s[^:;]*):)(?P<text>.*)"
)
_SEMICOLON = re.compile(r"(?P<entity>#\w+;)|;(?=\s*\S)")
_STATEMENT = re.compile(
    r"\s*(?:(?:note|loop|alt|else|opt|par|and|end|activate|deactivate|participant|actor)\b"
    r"|.*(?:->|-x|-\)).*:)",
    re.IGNORECASE,
)
_COMMIT = re.compile(r"\s*commit\b(?!.*\bid\s*:)")
_COMMIT_ID = re.compile(r"\bid\s*:\s*\"([^\"]*)\"")


def repaired(kind: str, lines: Lines) -> tuple[Lines, tuple[Edit, ...]]:
    """Return lines that Mermaid reads, where only one reading is possible, and what was done."""
    if kind == "gitGraph":
        return _with_commit_ids(lines)
    repair = _REPAIRS.get(kind)
    if repair is None:
        return lines, ()
    edits, kept = [], []
    for number, text in lines:
        skipped = len(text) > MAX_LINE or text.lstrip().startswith(("%%", "acc"))
        new = text if skipped else repair(text)
        kept.append((number, new))
        if new != text:
            message = "characters in a diagram's text that Mermaid takes for syntax"
            edits.append(Edit("repaired", number, message, text, new.strip()))
    return tuple(kept), tuple(edits)


def _flowchart(text: str) -> str:
    subgraph = _SUBGRAPH.fullmatch(text)
    if subgraph:
        return f'{subgraph["start"]}"{subgraph["title"].strip()}"'
    new, done = "", 0
    for shape in shapes(text):
        label = shape.text.strip()
        plain = not _SPECIAL.search(label) and not label.startswith(("/", "\\"))
        if plain or shape.compound or _is_quoted(label):
            continue
        bare = label[1:-1] if len(label) > 1 and label[0] == label[-1] == '"' else label
        quoted = bare.replace('"', "#quot;")
        new += f'{text[done : shape.start]}"{quoted}"'
        done = shape.end
    return _EDGE_LABEL.sub(r'\g<gap>|"\g<text>"|', new + text[done:])


def _is_quoted(label: str) -> bool:
    return len(label) > 1 and label[0] == label[-1] == '"' and '"' not in label[1:-1]


def _sequence(text: str) -> str:
    match = _MESSAGE.fullmatch(text)
    if not match or ";" not in match["text"].rstrip()[:-1]:
        return text
    if any(_STATEMENT.match(part) for part in match["text"].split(";")[1:]):
        return text
    return match["start"] + _SEMICOLON.sub(lambda each: each["entity"] or "#59;", match["text"])


_REPAIRS: Mapping[str, Callable[[str], str]] = {
    **dict.fromkeys(FLOWCHARTS, _flowchart),
    "sequenceDiagram": _sequence,
}


def _with_commit_ids(lines: Lines) -> tuple[Lines, tuple[Edit, ...]]:
    """A commit without an id would get another one each time that it is drawn."""
    taken = {name for _, text in lines for name in _COMMIT_ID.findall(text)}
    edits, kept, count = [], [], 0
    for number, text in lines:
        if _COMMIT.match(text):
            count += 1
            while f"c{count}" in taken:
                count += 1
            new = f'{text.rstrip()} id: "c{count}"'
            message = "an id for a commit: Mermaid would draw a random one"
            edits.append(Edit("inferred", number, message, text, new.strip()))
            text = new
        kept.append((number, text))
    return tuple(kept), tuple(edits)
