"""Interview questions and check-yourself items, cut from a page's Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from guide.library.front_matter import LEVELS
from guide.library.headings import Section

QUESTIONS_HEADING = "Interview questions"
QUIZ_HEADING = "Check yourself"
LABELS = ("In 30 seconds", "In depth", "Follow-ups", "Listen for")
CRITERIA = ("Must", "Bonus", "Red flag")

_LABEL = re.compile(rf"^\*\*(?P<label>{'|'.join(LABELS)})\.\*\*[ \t]*(?P<rest>.*)$")
_FOLLOW_UP = re.compile(r"^\d+\.[ \t]+\*\*(?P<question>.+?)\*\*[ \t]*(?P<answer>.*)$", re.DOTALL)
_CRITERION = re.compile(r"^-[ \t]+\*\*(?P<kind>Must|Bonus|Red flag):\*\*[ \t]*(?P<text>.*)$", re.S)
_OPTION = re.compile(r"^- \[(?P<mark>[ xX])\] (?P<text>.*)$")
_REASON = re.compile(r"^    [-*] (?P<text>.*)$")


@dataclass(frozen=True, slots=True)
class FollowUp:
    """A follow-up question with its short answer, both Markdown."""

    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class Criterion:
    """One thing an interviewer listens for; `kind` is "Must", "Bonus" or "Red flag"."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Question:
    """An interview question: the heading asks, the labelled parts answer (Markdown)."""

    id: str
    explicit: bool
    text: str
    level: str
    brief: str
    depth: str
    follow_ups: tuple[FollowUp, ...]
    criteria: tuple[Criterion, ...]
    labels: tuple[str, ...]
    line: int


@dataclass(frozen=True, slots=True)
class Option:
    """One answer of a check-yourself item with the reason it is right or wrong."""

    text: str
    correct: bool
    reason: str
    line: int


@dataclass(frozen=True, slots=True)
class QuizItem:
    """A check-yourself question with its options."""

    id: str
    explicit: bool
    text: str
    options: tuple[Option, ...]
    line: int


def children(sections: Sequence[Section], parent_title: str) -> Iterator[Section]:
    """Yield the third-level sections under the second-level section `parent_title`."""
    inside = False
    for section in sections:
        if section.level <= 2:
            inside = section.level == 2 and section.title == parent_title
        elif inside and section.level == 3:
            yield section


def read_question(section: Section, lines: Sequence[str], first_line: int) -> Question:
    """Cut the question of `section` out of the page's body `lines`."""
    parts: dict[str, list[str]] = {}
    labels: list[str] = []
    current: list[str] = []
    for line in _body(section, lines, first_line):
        match = _LABEL.match(line)
        if match:
            labels.append(match["label"])
            current = parts.setdefault(match["label"], [])
            line = match["rest"]
        current.append(line)
    text = {label: "\n".join(parts.get(label, [])).strip() for label in LABELS}
    return Question(
        id=section.id,
        explicit=section.explicit,
        text=section.title,
        level=next((name for name in section.classes if name in LEVELS), ""),
        brief=text["In 30 seconds"],
        depth=text["In depth"],
        follow_ups=tuple(
            FollowUp(match["question"], match["answer"].strip())
            for item in _items(text["Follow-ups"])
            if (match := _FOLLOW_UP.match(item))
        ),
        criteria=tuple(
            Criterion(match["kind"], match["text"].strip())
            for item in _items(text["Listen for"])
            if (match := _CRITERION.match(item))
        ),
        labels=tuple(labels),
        line=section.line,
    )


def read_quiz_item(section: Section, lines: Sequence[str], first_line: int) -> QuizItem:
    """Cut the check-yourself item of `section` out of the page's body `lines`."""
    options: list[tuple[str, bool, list[str], int]] = []
    in_list = False
    for offset, line in enumerate(_body(section, lines, first_line)):
        option, reason = _OPTION.match(line), _REASON.match(line)
        in_list = bool(option) or (in_list and (not line.strip() or line.startswith("  ")))
        if not in_list or not line.strip():
            continue
        if option:
            number = section.line + 1 + offset
            options.append((option["text"], option["mark"] != " ", [], number))
        elif reason:
            options[-1][2].append(reason["text"])
        elif options[-1][2]:
            options[-1][2].append(line.strip())
        else:
            text, correct, reasons, number = options[-1]
            options[-1] = (f"{text} {line.strip()}", correct, reasons, number)
    return QuizItem(
        id=section.id,
        explicit=section.explicit,
        text=section.title,
        options=tuple(
            Option(text, correct, " ".join(reasons), number)
            for text, correct, reasons, number in options
        ),
        line=section.line,
    )


def _body(section: Section, lines: Sequence[str], first_line: int) -> Sequence[str]:
    return lines[section.line - first_line + 1 : section.end_line - first_line + 1]


def _items(text: str) -> list[str]:
    """Split a list into its items, each with its indented continuation lines."""
    items: list[list[str]] = []
    for line in text.split("\n"):
        if re.match(r"^(\d+\.|-)[ \t]", line):
            items.append([line])
        elif items:
            items[-1].append(line.strip())
    return ["\n".join(item) for item in items]
