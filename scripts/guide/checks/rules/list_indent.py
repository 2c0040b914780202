"""A nested list stands four spaces in: with fewer, the renderer flattens it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from guide.checks.finding import Edit, Finding
from guide.checks.rule import PageRule
from guide.library import Page
from guide.library.page import PageReader

STEP = 4
_ITEM = re.compile(r"^(?P<indent> *)(?:[-*+]|\d+\.)[ \t]+\S")

_NUMBER = re.compile(r"^(?P<number>\d+)\.[ \t]+\S")


def check(page: Page, reader: PageReader) -> Iterator[Finding]:
    """Report items at a wrong indent, and what stands in the middle of a list and breaks it."""
    yield from _broken(page)
    depth = -1
    previous_blank = True
    for number, line in enumerate(page.text.split("\n"), page.body_line):
        match = _ITEM.match(line)
        if match is None:
            if line.strip() and not line.startswith(" "):
                depth = -1 if previous_blank else depth
            previous_blank = not line.strip()
            continue
        previous_blank = False
        indent = len(match["indent"])
        level, rest = divmod(indent, STEP)
        if rest and depth >= 0:
            right = STEP * min(depth + 1, level + 1)
            fix: tuple[Edit, ...] = ()
            if page.kind != "generated":
                fix = (Edit(number, 1, number, indent + 1, " " * right),)
            message = f"this list item is indented by {indent} spaces"
            hint = f"{STEP} spaces a level, or it joins the outer list"
            yield Finding(page.file, number, indent + 1, RULE.id, message, hint, fix=fix)
            level = right // STEP
        elif level > depth + 1 and depth >= 0:
            message = f"this list item is indented by {indent} spaces, two levels at once"
            hint = f"{STEP} spaces a level"
            yield Finding(page.file, number, indent + 1, RULE.id, message, hint)
            level = depth + 1
        depth = level


def _broken(page: Page) -> Iterator[Finding]:
    """Text at the margin between item 1 and item 2 ends the list: the next one starts at 1."""
    last, breaks, blank = 0, 0, True
    for number, line in enumerate(page.source.split("\n"), start=1):
        item = _NUMBER.match(line)
        if item:
            here = int(item["number"])
            if breaks and here == last + 1 > 1:
                message = f"this ends the list before its item {here}"
                hint = f"indent it by {STEP} spaces, as a part of item {last}"
                yield Finding(page.file, breaks, 1, RULE.id, message, hint)
            last, breaks = here, 0
        elif line.startswith("#"):
            last, breaks = 0, 0
        elif line.strip() and blank and last and not breaks and not line.startswith(" " * STEP):
            breaks = number
        blank = not line.strip()


RULE = PageRule("list-indent", "indents nested lists by four spaces", check)
