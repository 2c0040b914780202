"""Colors leave a diagram: the theme has two palettes, and shapes get theirs from their role.

What groups things (`rect`, `box`) stays, without its color; what only paints is removed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from guide.intake.code.diagram_lines import (
    BLOCKS,
    CLASSES,
    FLOWCHARTS,
    MAX_LINE,
    STATES,
    Edit,
    Lines,
)

_PAINTED = FLOWCHARTS | STATES | CLASSES | BLOCKS | {"erDiagram", "requirementDiagram"}
"""Kinds whose elements can be given a style."""
_SHORT_CLASSES = _PAINTED | {"quadrantChart"}
_SETTING = re.compile(
    r"theme|colou?r|font|fill|stroke|background|bkg|\blook\b|#[0-9a-f]{3,8}\b", re.IGNORECASE
)
_DIRECTIVE_START = re.compile(r"\s*%%\{\s*(?:init|initialize)\b")
_STYLE = re.compile(
    r"\s*(?:style\s+\S.*?\s[\w-]+\s*:.*|classDef\s+\S.*|linkStyle\s+\S.*|cssClass\s+\S.*)"
)
_CLASS_STATEMENT = re.compile(r"\s*class\s+[\w.-]+(?:\s*,\s*[\w.-]+)*\s+[\w-]+\s*;?\s*")
_SHORT_CLASS = re.compile(
    r"(?P<kept>\"[^\"]*\"|\[[^\]]*\]|\{[^}]*\}|\([^)]*\)|\|[^|]*\|)"
    r"|:::[\w-]+(?:,[\w-]+)*"
)
_STATEMENT = re.compile(
    r"(?:\"[^\"]*\"|\[[^\]]*\]|\{[^}]*\}|\([^)]*\)|\|[^|]*\||(?<!:)#\w+;|[^;])+"
)
_RECT = re.compile(r"(?P<kept>\s*rect)\s+\S.*")
_COLOR = (
    r"(?:rgba?|hsla?)\([^()]*\)|#[0-9a-f]{3,8}\b|transparent\b"
    r"|(?:light|dark|medium|pale|deep|dim|hot|alice|royal|sky|steel|slate|powder|cornflower"
    r"|midnight|dodger|cadet|forest|lawn|spring|sea|olive|orange|violet|rosy|sandy|saddle|indian"
    r"|antique|floral|ghost|navajo|lemon|misty|green)*"
    r"(?:aqua|azure|beige|black|blue|brown|chocolate|coral|crimson|cyan|firebrick|fuchsia|gold"
    r"|goldenrod|gr[ae]y|green|indigo|ivory|khaki|lavender|lime|linen|magenta|maroon|navy|olive"
    r"|orange|orchid|peru|pink|plum|purple|red|rose|salmon|sienna|silver|snow|tan|teal|thistle"
    r"|tomato|turquoise|violet|wheat|white|yellow)\b"
)
_BOX = re.compile(rf"(?P<kept>\s*box)\s+(?:{_COLOR})(?P<rest>(?:\s.*)?)", re.IGNORECASE)
_POINT_COLOR = re.compile(r",?\s*(?:stroke-)?color\s*:\s*#?\w+|,?\s*stroke-width\s*:\s*\w+")
_ARGUMENT_COLOR = re.compile(r",\s*\$\w*[Cc]olor\s*=\s*\"[^\"]*\"")
_COLOR_TAG = re.compile(r"</?(?:font|span)\b[^<>]*>", re.IGNORECASE)
_MINDMAP_CLASS = re.compile(r"\s*:::.*")


def without_colors(kind: str, lines: Lines) -> tuple[Lines, tuple[Edit, ...]]:
    """Return the lines of a diagram of `kind` without colors, and each text that went."""
    edits: list[Edit] = []
    lines = _without_settings(lines, edits)
    kept = []
    for number, text in lines:
        new = _cleaned(kind, text)
        if new != text:
            message = "colors of a diagram: the theme gives them"
            after = new.strip()
            edits.append(Edit("changed" if after else "removed", number, message, text, after))
        if new == text or new.strip():
            kept.append((number, new))
    return tuple(kept), tuple(sorted(edits, key=lambda edit: edit.line))


def _without_settings(lines: Lines, edits: list[Edit]) -> Lines:
    """Drop directives and settings before the diagram that choose a theme, colors or fonts."""
    gone: set[int] = set()
    for span in _settings(lines):
        block = "\n".join(text for _, text in span)
        if _SETTING.search(block):
            gone.update(number for number, _ in span)
            edits.append(Edit("removed", span[0][0], "the theme of a diagram", block))
    kept = tuple(line for line in lines if line[0] not in gone)
    marks = [(number, text) for number, text in kept if text.strip()][:2]
    if gone and [text.strip() for _, text in marks] == ["---", "---"]:
        kept = tuple(line for line in kept if line not in marks)
    return kept


def _settings(lines: Lines) -> Iterator[Lines]:
    """Yield the lines of each directive, and of each key between dashes but the title."""
    texts = [text for _, text in lines]
    at = next((index for index, text in enumerate(texts) if text.strip()), 0)
    if texts[at : at + 1] and texts[at].strip() == "---":
        end = next((n for n in range(at + 1, len(texts)) if texts[n].strip() == "---"), at)
        starts = [n for n in range(at + 1, end) if texts[n][:1].strip()] if end > at else []
        for start, stop in zip(starts, [*starts[1:], end], strict=False):
            if not texts[start].startswith("title"):
                yield lines[start:stop]
    start = 0
    while start < len(lines):
        stop = start + 1
        if _DIRECTIVE_START.match(texts[start]):
            closing = (n for n in range(start, len(lines)) if "}%%" in texts[n])
            last = next(closing, None)
            if last is None:
                return
            if not texts[last].partition("}%%")[2].strip():
                yield lines[start : last + 1]
                stop = last + 1
        start = stop


def _cleaned(kind: str, text: str) -> str:
    """The line without colors; empty if it held nothing else."""
    if len(text) > MAX_LINE or text.lstrip().startswith("%%"):
        return text
    for kinds, clean in _CLEANERS:
        if kind in kinds:
            text = clean(kind, text)
    return _COLOR_TAG.sub("", text)


def _statements(kind: str, text: str) -> str:
    """A flowchart may hold several statements in a line."""
    parts = _STATEMENT.findall(text) if kind in FLOWCHARTS and ";" in text else [text]
    if not any(_paints(kind, part) for part in parts):
        return text
    kept = [part.strip() for part in parts if part.strip() and not _paints(kind, part)]
    return "; ".join(kept) + (";" if kept else "")


def _paints(kind: str, statement: str) -> bool:
    if _STYLE.fullmatch(statement):
        return True
    return kind not in CLASSES and bool(_CLASS_STATEMENT.fullmatch(statement))


def _short_classes(kind: str, text: str) -> str:
    return _SHORT_CLASS.sub(lambda match: match["kept"] or "", text) if ":::" in text else text


def _groups(kind: str, text: str) -> str:
    if match := _RECT.fullmatch(text):
        return match["kept"]
    match = _BOX.fullmatch(text)
    return match["kept"] + match["rest"] if match else text


def _mindmap_classes(kind: str, text: str) -> str:
    return "" if _MINDMAP_CLASS.fullmatch(text) else text


def _points(kind: str, text: str) -> str:
    return _POINT_COLOR.sub("", text)


def _arguments(kind: str, text: str) -> str:
    """A call that changed nothing but colors goes as a whole."""
    new = _ARGUMENT_COLOR.sub("", text) if "Style(" in text else text
    return new if new == text or "$" in new else ""


_CLEANERS: tuple[tuple[frozenset[str], Callable[[str, str], str]], ...] = (
    (_PAINTED, _statements),
    (_SHORT_CLASSES, _short_classes),
    (frozenset({"sequenceDiagram"}), _groups),
    (frozenset({"mindmap"}), _mindmap_classes),
    (frozenset({"quadrantChart"}), _points),
    (
        frozenset({"C4Context", "C4Container", "C4Component", "C4Dynamic", "C4Deployment"}),
        _arguments,
    ),
)
"""What is cleaned in which kinds of diagram."""
