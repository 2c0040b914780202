"""Characters that broken tools leave behind: mojibake, control and invisible characters."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from guide.checks.finding import Edit, Finding
from guide.checks.rule import PageRule
from guide.languages import LANGUAGES, canonical
from guide.library import Page
from guide.library.page import PageReader

_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u180e\u200b\u200c\u200e\u200f\u2028\u2029\u202a-\u202e"
    "\u2060-\u2069\ufeff\ufff9-\ufffb]|\u200d(?![\u2600-\u27bf\U0001f000-\U0001faff])"
)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_HARD_SPACE = re.compile(r"(?:(?<=^[-*+#])|(?<=^##)|(?<=^###)|(?<=^\d\.)|^ *)\u00a0")
_LOST = re.compile("[\ufffd\ue000-\uf8ff]")
_FOREIGN = (
    "\u0400-\u04ff"  # Cyrillic, and Greek capitals drawn as Latin ones
    "\u0391\u0392\u0395-\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7\u03bf"
)
_LOOKALIKE = re.compile(f"(?<=[A-Za-z])[{_FOREIGN}]|[{_FOREIGN}](?=[A-Za-z])")
_TYPOGRAPHIC = re.compile("[\u2018\u2019\u201c\u201d\u2013\u2014\u2026\u00a0]")
_LOST_APOSTROPHE = re.compile(r"(?<![\w/=&?.:-])[A-Za-z]+\?(?:s|t|re|ve|ll|d|m)\b(?![=/&])")


def check(page: Page, reader: PageReader) -> Iterator[Finding]:
    """Report damaged text anywhere in the file; invisible characters and mojibake can be fixed."""
    prose = [""] * (page.body_line - 1) + page.prose.split("\n")
    for number, (line, words) in enumerate(
        zip(page.source.split("\n"), prose, strict=True), start=1
    ):
        yield from _apostrophes(page, number, words)
        if line.isascii() and line.isprintable():
            continue
        yield from _characters(page, number, line)
        yield from _mojibake(page, number, line)
    for fence in page.fences:
        language = canonical(fence.language)
        if fence.included_from or language is None or LANGUAGES[language].exempt:
            continue
        for offset, line in enumerate(fence.code.split("\n")):
            match = _TYPOGRAPHIC.search(_without_strings(line))
            if match:
                name = unicodedata.name(match[0]).lower()
                message = f"the code has a typographic character: {name}"
                hint = "write the plain ASCII character: readers copy the code"
                at = fence.code_line + offset
                yield Finding(page.file, at, match.start() + 1, RULE.id, message, hint)


def _characters(page: Page, number: int, line: str) -> Iterator[Finding]:
    for pattern, what in (
        (_INVISIBLE, "an invisible character"),
        (_CONTROL, "a control character"),
        (_HARD_SPACE, "a space that is not one to the renderer"),
        (_LOST, "a character that was lost in a conversion"),
        (_LOOKALIKE, "a letter of another alphabet that looks like one of this word"),
    ):
        for match in pattern.finditer(line):
            if match[0] == "\t":
                continue
            column = match.start() + 1
            fixable = pattern in (_INVISIBLE, _CONTROL) and page.kind != "generated"
            fix = (Edit(number, column, number, column + 1, ""),) if fixable else ()
            if pattern is _HARD_SPACE and page.kind != "generated":
                column = line.index("\u00a0") + 1
                fix = (Edit(number, column, number, column + 1, " "),)
            name = unicodedata.name(match[0], f"U+{ord(match[0]):04X}").lower()
            hint = "remove it" if fixable else "write what is meant"
            yield Finding(page.file, number, column, RULE.id, f"{what}: {name}", hint, fix=fix)


def _mojibake(page: Page, number: int, line: str) -> Iterator[Finding]:
    from ftfy import fix_encoding  # most pages are plain ASCII and never need it

    right = fix_encoding(line)
    if right == line:
        return
    first = next(
        (i for i, (a, b) in enumerate(zip(line, right, strict=False)) if a != b), len(right)
    )
    fix = (Edit(number, 1, number, len(line) + 1, right),) if page.kind != "generated" else ()
    message = f"this text was decoded wrongly: {line[first : first + 20].strip()}"
    hint = f"probably: {right[max(first - 10, 0) : first + 20].strip()}"
    yield Finding(page.file, number, first + 1, RULE.id, message, hint, fix=fix)


def _apostrophes(page: Page, number: int, words: str) -> Iterator[Finding]:
    match = _LOST_APOSTROPHE.search(words) if "?" in words else None
    if match:
        message = f"`{match[0]}` seems to have lost its apostrophe"
        yield Finding(page.file, number, match.start() + 1, RULE.id, message, "write `'`")


def _without_strings(line: str) -> str:
    """Blank out quoted strings and comments, where such characters are somebody's text."""
    blank = re.sub(r"\"[^\"]*\"|'[^']*'|`[^`]*`", lambda m: " " * len(m[0]), line)
    return re.sub(r"(?:#|//|--|/\*).*", "", blank)


RULE = PageRule("text-damage", "has no characters damaged by tools", check)
