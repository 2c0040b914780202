"""The description of a draft page: what it holds, in one plain sentence."""

from __future__ import annotations

import re

from guide.intake.model import DraftPage
from guide.intake.reading.markdown import plain_title

_MAX = 200
_MARKUP = re.compile(
    r"https?://|www\.|\*\*|\{(?=\s*(?:[#.:]|$))|<(?=[A-Za-z/])|\](?=[(\[])|--8(?=<--)"
)
"""What may not stand in front matter, which is plain text."""
_APART = ("<", "]", "--8")


def described(page: DraftPage, document: str) -> str:
    """One sentence that names the document, counts and what comes first; 20 to 200 characters."""
    sections = list(page.root.walk())
    questions = [each for each in sections if each.role == "question"]
    others = [each for each in page.root.sections if each.role != "question"]
    counts = [_counted(len(questions), "question")] if questions else []
    counts += [_counted(len(others), "section")] if others else []
    start = f"Draft from the document {document[:60]}"
    said = f"{start}: {' and '.join(counts)}" if counts else start
    named = [plain_title(each.title) for each in (questions or others)[:1]]
    whole = f"{said}, from {named[0]}" if named else said
    sentence = whole if _is_plain(whole) and len(whole) < _MAX else said
    return f"{sentence.rstrip('.?!{')}."


def plain_front(text: str) -> str:
    """Return `text` without marks that front matter may not hold: `List< T>` for `List<T>`."""

    def without(match: re.Match[str]) -> str:
        return f"{match[0]} " if match[0] in _APART else ""

    while (plain := _MARKUP.sub(without, text).strip()) != text:
        text = plain
    return text or "Untitled"


def _counted(number: int, name: str) -> str:
    return f"{number} {name}" if number == 1 else f"{number} {name}s"


def _is_plain(text: str) -> bool:
    return not any(mark in text for mark in ("](", "][", "**", "<", "{", "://", "www.", "--8<--"))
