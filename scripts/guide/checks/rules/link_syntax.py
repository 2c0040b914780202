"""What looks like a link is one."""

from __future__ import annotations

import re
from collections.abc import Iterator

from guide.checks.finding import Finding
from guide.checks.rule import PageRule
from guide.library import Page
from guide.library.page import PageReader

_TARGET = r"(?:https?:|mailto:|#[\w-]|[\w./-]+\.(?:md|png|svg|jpg|webp|html)\b)"
_SPACED = re.compile(rf"\][ \t]+\((?={_TARGET})")
_REVERSED = re.compile(rf"\([^()\[\]\n]+\)\[(?={_TARGET})")
_BRACED = re.compile(rf"\]\{{(?={_TARGET})")
_PARAGRAPH = re.compile(r"(?:[^\n]*\S[^\n]*(?:\n|\Z))+")
_PARENTHESIS = re.compile(r"[()]")
_HALF = re.compile(r"\]\(")


def check(page: Page, reader: PageReader) -> Iterator[Finding]:
    """Report brackets that the renderer publishes as text."""
    if page.kind == "generated":
        return
    yield from _unbalanced(page)
    joints = {link.joint for link in page.links}
    for number, line in enumerate(page.prose.split("\n"), page.body_line):
        for pattern, message, hint in (
            (_SPACED, "a space stands between the text and the target", "remove the space"),
            (_REVERSED, "text and target have each other's brackets", "write `[text](target)`"),
            (_BRACED, "the target stands in the wrong brackets", "write `[text](target)`"),
        ):
            for match in pattern.finditer(line):
                yield _finding(page, number, match.start() + 1, f"this is no link: {message}", hint)
        for match in _HALF.finditer(line):
            if (number, match.start() + 1) not in joints:
                message = f"this link is not finished: {line[match.start() :].strip()[:40]}"
                hint = "write `[text](target)`, with all four brackets"
                yield _finding(page, number, match.start() + 1, message, hint)


def _unbalanced(page: Page) -> Iterator[Finding]:
    """A link that borrows the parenthesis around it leaves that one open."""
    for paragraph in _PARAGRAPH.finditer(page.prose):
        text = paragraph[0]
        if "](" not in text:
            continue
        opened: list[int] = []
        for mark in _PARENTHESIS.finditer(text):
            if mark[0] == "(":
                opened.append(mark.start())
            elif opened:
                opened.pop()
        links = [match.start() for match in _HALF.finditer(text)]
        for start in [at for at in opened if text[at - 1 : at] != "]"][:1]:
            near = [at for at in links if at > start]
            offset = paragraph.start() + (near[0] if near else start)
            line = page.prose.count("\n", 0, offset) + page.body_line
            column = offset - page.prose.rfind("\n", 0, offset)
            message = "a parenthesis before this link is never closed"
            yield _finding(page, line, column, message, "close it, or the link")


def _finding(page: Page, line: int, column: int, message: str, hint: str) -> Finding:
    return Finding(page.file, line, column, RULE.id, message, hint)


RULE = PageRule("link-syntax", "writes its links so that they are links", check)
