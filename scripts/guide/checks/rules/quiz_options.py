"""Check-yourself items have right and wrong options, each with its reason."""

from __future__ import annotations

import re
from collections.abc import Iterator

from guide.checks.finding import Finding
from guide.checks.rule import PageRule
from guide.library import Page
from guide.library.page import PageReader
from guide.library.questions import QuizItem

_BOX = re.compile(r"- \[[ xX]\] \S")


def check(page: Page, reader: PageReader) -> Iterator[Finding]:
    """Report items that a reader cannot learn from."""
    lines = page.source.split("\n")
    for item in page.quiz:
        end = next(each.end_line for each in page.sections if each.line == item.line)
        for number in range(item.line + 1, end + 1):
            if re.match(r"[-*+]\s", lines[number - 1]) and not _BOX.match(lines[number - 1]):
                message = "this option has no box"
                hint = "start it with `- [x]` if it is right, else with `- [ ]`"
                yield Finding(page.file, number, 1, RULE.id, message, hint)
        for line, message, hint in _wrong(item):
            yield Finding(page.file, line, 1, RULE.id, message, hint)


def _wrong(item: QuizItem) -> Iterator[tuple[int, str, str]]:
    rights = sum(option.correct for option in item.options)
    if not rights or rights == len(item.options):
        missing = "right" if not rights else "wrong"
        hint = "mark right options `- [x]` and wrong ones `- [ ]`"
        yield item.line, f"`{item.text}` has no {missing} option", hint
        for option in item.options:
            yield option.line, f"is this the {missing} option? No other is marked so", hint
    seen: set[str] = set()
    for option in item.options:
        if not option.reason:
            hint = "say under it, four spaces in, why it is right or which misconception it names"
            yield option.line, "this option gives no reason", hint
        if option.text in seen:
            yield option.line, "this option stands there twice", "remove one"
        seen.add(option.text)


RULE = PageRule(
    "quiz-options",
    "gives check-yourself items right and wrong options with reasons",
    check,
    strict_on_drafts=False,
)
