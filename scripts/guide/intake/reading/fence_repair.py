"""Close code fences that were left open, where it is certain where they end."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from guide.intake.model import Block, Change
from guide.intake.reading.markdown import parse

BY = "fence repair"
_FENCE = re.compile(r"^[ \t>]*(?:(?:[-*+]|\d+[.)])[ \t]+)*(?P<marks>`{3,}|~{3,})(?P<info>[^`]*)$")
_HEADING = re.compile(r"^#{1,6} \S")
_NESTING = ("markdown", "md", "mdx", "text")
"""What may show fences as code."""
_WITH_COMMENTS = ("", "bash", "sh", "shell", "console", "python", "yaml", "ruby", "text", "toml")
"""Languages in which a line may start with `#`."""
_MAX_ROUNDS = 20


@dataclass(frozen=True, slots=True)
class Repaired:
    """A text that was repaired, and what was done."""

    text: str
    changes: tuple[Change, ...] = ()


def repair_fences(text: str, first_line: int) -> Repaired:
    """Close fences that another opening shows to be open, or that swallow the rest of the text.

    Certain is: an opening with a language inside an open fence of the same marks, after a blank
    line; or, for a fence that is never closed, a heading after a blank line. Anything else is
    left as it is and flagged: the fence then runs to the end, as Markdown says.
    """
    lines = text.split("\n")
    changes: list[Change] = []
    for _ in range(_MAX_ROUNDS):
        if not _is_suspicious(lines):
            break
        repairs = (each for fence in _fences(lines) if (each := _repair(lines, fence)))
        found = next(repairs, None)
        if found is None:
            break
        at, change = found
        number = min(at, len(lines)) + first_line
        changes.append(Change(change.kind, BY, number, change.message, after=change.after))
        while at and not lines[at - 1].strip():
            del lines[at - 1]
            at -= 1
        lines[at:at] = [change.after, ""] if at < len(lines) else [change.after]
    return Repaired("\n".join(lines), tuple(changes))


def _is_suspicious(lines: Sequence[str]) -> bool:
    """Whether fence lines, taken in turn, leave one open, or one opens inside another."""
    opened = ""
    for line in lines:
        match = _FENCE.match(line)
        if match is None:
            continue
        if opened and match["marks"].startswith(opened):
            if match["info"].strip():
                return True
            opened = ""
        elif not opened:
            opened = match["marks"]
    return bool(opened)


def _fences(lines: Sequence[str]) -> Iterator[Block]:
    for block in parse("\n".join(lines), 0).blocks:
        if block.kind == "fence":
            yield block


def _repair(lines: Sequence[str], fence: Block) -> tuple[int, Change] | None:
    """The index of the line before which a fence ends, and what is done; None if all is well."""
    token = fence.tokens[0]
    marks, info = token.markup, token.info.strip().partition(" ")[0].lower()
    start, stop = token.map or (0, 0)
    inside = range(start + 1, stop)
    if info not in _NESTING:
        for index in inside:
            match = _FENCE.match(lines[index])
            name = match["info"].strip() if match else ""
            opens = match is not None and match["marks"] == marks and bool(name) and " " not in name
            if opens and not lines[index - 1].strip():
                message = "a code block that was not closed ends before the next one"
                return index, Change("repaired", BY, 0, message, after=marks)
    last = _FENCE.match(lines[stop - 1]) if stop - 1 > start else None
    if last and last["marks"].startswith(marks) and not last["info"].strip():
        return None
    for index in inside:
        is_heading = _HEADING.match(lines[index]) and not lines[index - 1].strip()
        if is_heading and (info not in _WITH_COMMENTS or lines[index].startswith("##")):
            message = "a code block that was not closed ends before the next heading"
            return index, Change("repaired", BY, 0, message, after=marks)
    message = "a code block is not closed: it runs to the end of the document"
    return len(lines), Change("flagged", BY, 0, message, after=marks)
