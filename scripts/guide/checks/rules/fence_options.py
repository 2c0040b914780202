"""Options of a fence do what they say: known names, highlighted lines that exist."""

from __future__ import annotations

import re
from collections.abc import Iterator

from guide.checks.finding import Finding
from guide.checks.rule import PageRule
from guide.library import Page, did_you_mean
from guide.library.fences import Fence
from guide.library.page import PageReader

OPTIONS = ("title", "hl_lines", "linenums", "linenums_style")
_RANGE = re.compile(r"(?P<first>\d+)(?:-(?P<last>\d+))?")


def check(page: Page, reader: PageReader) -> Iterator[Finding]:
    """Report options that have no effect, and lines to highlight that the code does not have."""
    for fence in page.fences:
        for message, hint in _wrong(fence):
            yield Finding(page.file, fence.line, fence.column, RULE.id, message, hint)


def _wrong(fence: Fence) -> Iterator[tuple[str, str]]:
    for name in fence.options:
        if name not in OPTIONS:
            near = did_you_mean(name, OPTIONS)
            yield f"a fence has no option `{name}`", near or f"known: {', '.join(OPTIONS)}"
        elif '"' in fence.options[name]:
            yield f"the value of `{name}` has a quote too many or too few", f'write {name}="..."'
    unread = fence.included_from and not fence.code
    if unread:
        return
    count = len(fence.code.rstrip("\n").split("\n"))
    for part in fence.options.get("hl_lines", "").split():
        match = _RANGE.fullmatch(part)
        if match is None:
            yield f"`{part}` in hl_lines is no line and no range", 'write hl_lines="2 4-6"'
            continue
        first, last = int(match["first"]), int(match["last"] or match["first"])
        if first < 1 or last < first or last > count:
            hint = "lines count from 1, in the part that is shown"
            yield f"hl_lines asks for `{part}`; the code has {count} lines", hint


RULE = PageRule("fence-options", "gives its fences only options that work", check)
