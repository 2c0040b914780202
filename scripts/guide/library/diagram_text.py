"""What a diagram says about itself in words: its kind, its title and its description.

Most kinds have `accTitle: ...` and `accDescr: ...` (or `accDescr { ... }` over several
lines). Kinds without that syntax (mindmap, block) carry the same as comment lines,
`%% accTitle: ...` and `%% accDescr: ...`; both spellings are read for every kind.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_FRONT_MATTER = re.compile(r"\A\s*---[ \t]*\n.*?\n---[ \t]*(?:\n|\Z)", re.DOTALL)
_DIRECTIVE = re.compile(r"%%\{.*?\}%%", re.DOTALL)
_TITLE = re.compile(r"^[ \t]*(?:%%[ \t]*)?accTitle[ \t]*:[ \t]*(?P<text>.*)$", re.MULTILINE)
_DESCRIPTION = re.compile(
    r"^[ \t]*(?:%%[ \t]*)?accDescr[ \t]*"
    r"(?::[ \t]*(?P<line>.*)$|\{(?P<lines>[^}]{0,2000})\})",
    re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class DiagramText:
    """The words of a diagram; each is empty where the source does not say.

    `kind` is the keyword that opens the diagram, such as "flowchart" or "sequenceDiagram".
    """

    kind: str
    title: str
    description: str


def describe(source: str) -> DiagramText:
    """Read kind, title and description from a diagram's source; repeated, the last one counts."""
    title = ""
    for match in _TITLE.finditer(source):
        title = _one_line(match["text"])
    description = ""
    for match in _DESCRIPTION.finditer(source):
        description = _one_line(match["line"] if match["line"] is not None else match["lines"])
    return DiagramText(_kind(source), title, description)


def _kind(source: str) -> str:
    body = _DIRECTIVE.sub("", _FRONT_MATTER.sub("", source))
    for line in body.splitlines():
        words = line.split()
        if words and not words[0].startswith("%%"):
            return words[0].rstrip(";:")
    return ""


def _one_line(text: str) -> str:
    return " ".join(text.split())
