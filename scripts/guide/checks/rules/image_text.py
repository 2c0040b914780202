"""An image says in words what it shows, for those who cannot see it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from guide.checks.finding import Finding
from guide.checks.rule import PageRule
from guide.library import Page
from guide.library.page import PageReader

_TAG = re.compile(r"<img\b(?P<attributes>[^>]*)>", re.IGNORECASE)
_ALT = re.compile(r"\balt\s*=\s*(?:\"(?P<double>[^\"]*)\"|'(?P<single>[^']*)')", re.IGNORECASE)
_FILE = re.compile(r"[\w./-]+\.(?:png|jpe?g|gif|svg|webp|avif)", re.IGNORECASE)
_SAYS_NOTHING = frozenset(
    "alt alternative chart diagram drawing figure graph graphic icon illustration image img logo "
    "photo picture placeholder screenshot".split()
)
_FILLER = frozenset("a an the of this that here text todo".split())


def check(page: Page, reader: PageReader) -> Iterator[Finding]:
    """Report images whose alternative text is missing or says nothing."""
    for link in page.links:
        if link.kind == "image":
            yield from _finding(page, link.line, link.column, link.text)
    for number, line in enumerate(page.prose.split("\n"), page.body_line):
        for tag in _TAG.finditer(line):
            alt = _ALT.search(tag["attributes"])
            text = (alt["double"] or alt["single"] or "") if alt else ""
            yield from _finding(page, number, tag.start() + 1, text)


def _finding(page: Page, line: int, column: int, text: str) -> Iterator[Finding]:
    words = set(re.findall(r"[^\W\d_]+", text.lower())) - _FILLER
    if not text.strip():
        message = "this image has no alternative text"
    elif _FILE.fullmatch(text.strip()) or not words - _SAYS_NOTHING:
        message = f"the alternative text `{text.strip()}` says nothing"
    else:
        return
    hint = "describe what the image shows and why it is there"
    yield Finding(page.file, line, column, RULE.id, message, hint)


RULE = PageRule("image-text", "describes its images in words", check, strict_on_drafts=False)
