"""Every interview question is answered in the four labelled parts."""

from __future__ import annotations

from collections.abc import Iterator

from guide.checks.finding import Finding
from guide.checks.rule import PageRule
from guide.library import Page
from guide.library.front_matter import LEVELS
from guide.library.page import PageReader
from guide.library.questions import LABELS, Question


def check(page: Page, reader: PageReader) -> Iterator[Finding]:
    """Report questions with a missing level, part, follow-up or criterion."""
    for question in page.questions:
        for message, hint in _wrong(question):
            message = f"`{question.text}`: {message}"
            yield Finding(page.file, question.line, 1, RULE.id, message, hint)


def _wrong(question: Question) -> Iterator[tuple[str, str]]:
    if not question.level:
        yield "no level", f"add a class to the heading: one of .{', .'.join(LEVELS)}"
    if question.labels != LABELS:
        wanted = " ".join(f"**{label}.**" for label in LABELS)
        got = ", ".join(question.labels) or "none"
        yield f"the labels are {got}", f"exactly {wanted}, each at the start of a paragraph"
        return
    for part, text in (("In 30 seconds", question.brief), ("In depth", question.depth)):
        if not text:
            yield f"`{part}` is empty", "answer it"
    if not question.follow_ups:
        yield "no follow-up could be read", "write `1. **Question?** Answer.`"
    kinds = {criterion.kind for criterion in question.criteria}
    for kind in ("Must", "Red flag"):
        if kind not in kinds:
            yield f"nothing under `{kind}` to listen for", f"write `- **{kind}:** one criterion`"


RULE = PageRule("question-parts", "answers each question in four labelled parts", check)
