"""Every interview question is answered in the four labelled parts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from guide.checks.finding import Finding
from guide.checks.rule import PageRule
from guide.library import Page
from guide.library.front_matter import LEVELS
from guide.library.page import PageReader
from guide.library.questions import CRITERIA, LABELS, Question


def check(page: Page, reader: PageReader) -> Iterator[Finding]:
    """Report questions with a missing level, part, follow-up or criterion."""
    for question in page.questions:
        for line, message, hint in _wrong(page, question):
            message = f"`{question.text}`: {message}"
            yield Finding(page.file, line, 1, RULE.id, message, hint)


def _wrong(page: Page, question: Question) -> Iterator[tuple[int, str, str]]:
    if not question.level:
        hint = f"add a class to the heading: one of .{', .'.join(LEVELS)}"
        yield question.line, "no level", hint
    if question.labels != LABELS:
        wanted = " ".join(f"**{label}.**" for label in LABELS)
        got = ", ".join(question.labels) or "none"
        hint = f"exactly {wanted}, each at the start of a paragraph"
        yield _label_place(page, question), f"the labels are {got}", hint
        return
    for part, text in (("In 30 seconds", question.brief), ("In depth", question.depth)):
        if not text:
            yield _label_line(page, question, part), f"`{part}` is empty", "answer it"
    if not question.follow_ups:
        line = _label_line(page, question, "Follow-ups")
        yield line, "no follow-up could be read", "write `1. **Question?** Answer.`"
    for line in _unread(page, question):
        known = ", ".join(f"**{kind}:**" for kind in CRITERIA)
        yield line, "this criterion has no kind", f"start it with one of {known}"
    kinds = {criterion.kind for criterion in question.criteria}
    for kind in ("Must", "Red flag"):
        if kind not in kinds:
            message = f"nothing under `{kind}` to listen for"
            hint = f"write `- **{kind}:** one criterion`"
            yield _criterion_place(page, question, kind), message, hint


def _numbered(page: Page, question: Question) -> list[tuple[int, str]]:
    end = next(each.end_line for each in page.sections if each.line == question.line)
    lines = page.source.split("\n")
    return [(number, lines[number - 1]) for number in range(question.line + 1, end + 1)]


def _label_line(page: Page, question: Question, label: str) -> int:
    places = (n for n, line in _numbered(page, question) if line.startswith(f"**{label}.**"))
    return next(places, question.line)


def _label_place(page: Page, question: Question) -> int:
    """Where the first label that is missing or out of order belongs, judging by what follows."""
    present = (*question.labels, *[""] * len(LABELS))
    wanted = next((w for w, got in zip(LABELS, present, strict=False) if w != got), "")
    if wanted in question.labels or not wanted:  # out of order, or one too many
        extra = next((got for w, got in zip(LABELS, question.labels, strict=False) if w != got), "")
        return _label_line(page, question, extra or question.labels[-1])
    lines = _numbered(page, question)
    before = LABELS.index(wanted) and _label_line(page, question, LABELS[LABELS.index(wanted) - 1])
    after = [(number, line) for number, line in lines if number > before]
    for number, line in after:
        if re.match(r"\*\*[^*]+\*\*", line) and not line.startswith(_LABELLED):
            return number  # a label that is misspelt
    opening = _FIRST_LINES[wanted]
    following = LABELS[LABELS.index(wanted) + 1 :]
    ends = [_label_line(page, question, each) for each in following if each in question.labels]
    starts = [
        number
        for (_, previous), (number, line) in pairwise([(before, "label"), *after])
        if not previous.strip() and opening.match(line) and number < min(ends, default=number + 1)
    ]
    if not starts:
        return question.line
    # An answer in depth may have lists of its own; the follow-ups are the last one before the end.
    return starts[-1] if wanted == "Follow-ups" else starts[0]


def _unread(page: Page, question: Question) -> Iterator[int]:
    """Lines of items under "Listen for" that are of no known kind."""
    label = _label_line(page, question, "Listen for")
    for number, line in _numbered(page, question):
        if number > label and re.match(r"[-*+]\s", line) and not line.startswith(_KINDS):
            yield number


def _criterion_place(page: Page, question: Question, kind: str) -> int:
    """An item that is none of the known kinds, else the first or last place of the list."""
    label = _label_line(page, question, "Listen for")
    items = [(n, line) for n, line in _numbered(page, question) if n > label and line[:2] == "- "]
    unknown = (n for n, line in items if not line.startswith(_KINDS))
    last = items[-1][0] if items else label
    return next(unknown, last if kind == "Red flag" else label)


_LABELLED = tuple(f"**{label}." for label in LABELS)
_KINDS = tuple(f"- **{kind}:**" for kind in CRITERIA)
_FIRST_LINES = {
    "In 30 seconds": re.compile(r"\S"),
    "In depth": re.compile(r"\S"),
    "Follow-ups": re.compile(r"1\. \*\*"),
    "Listen for": re.compile(r"- \*\*(?:Must|Bonus|Red flag):"),
}
"""How the first line of each part looks when its label is gone."""


RULE = PageRule(
    "question-parts",
    "answers each question in four labelled parts",
    check,
    strict_on_drafts=False,
)
