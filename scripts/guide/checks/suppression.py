"""Suppressions: a comment in a page that lets one rule pass in the block that follows, and why.

    <!-- allow link-scheme: the section is about servers without TLS -->

A suppression without a reason, for an unknown rule, or without anything to suppress is a
finding itself, so that none outlives its cause.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from guide.checks.catalog import SOURCE_RULES
from guide.checks.finding import Finding
from guide.library import Page, did_you_mean
from guide.library.masking import mask_fences

RULE_ID = "suppression"
_COMMENT = re.compile(
    r"<!--\s*allow\b[ \t]*(?P<rule>[\w-]*)[ \t]*(?::(?P<reason>.*?))?-->", re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Suppression:
    """One comment; it covers the lines from its own to `end_line`."""

    page: Page
    rule: str
    reason: str
    line: int
    column: int
    end_line: int

    def covers(self, finding: Finding) -> bool:
        """Whether this suppresses `finding`."""
        return (
            finding.rule == self.rule
            and finding.path == self.page.file
            and self.line <= finding.line <= self.end_line
        )


def apply_suppressions(pages: Iterable[Page], findings: Iterable[Finding]) -> list[Finding]:
    """Leave out what `pages` suppress; add what is wrong with the suppressions."""
    suppressions = [
        each
        for page in pages
        if "<!--" in page.body and "allow" in page.body
        for each in find_suppressions(page)
    ]
    valid = [each for each in suppressions if each.rule in SOURCE_RULES and each.reason]
    used: set[tuple[str, int]] = set()
    kept = []
    for finding in findings:
        covering = [each for each in valid if each.covers(finding)]
        used.update((each.page.path, each.line) for each in covering)
        if not covering:
            kept.append(finding)
    for each in suppressions:
        wrong = _wrong(each, (each.page.path, each.line) in used)
        if wrong:
            kept.append(Finding(each.page.file, each.line, each.column, RULE_ID, *wrong))
    return kept


def find_suppressions(page: Page) -> Iterator[Suppression]:
    """Find the suppressions of `page`, in order."""
    text = mask_fences(page.body, page.fences, page.body_line)
    for match in _COMMENT.finditer(text):
        line = text.count("\n", 0, match.start()) + page.body_line
        end = text.count("\n", 0, match.end()) + page.body_line
        yield Suppression(
            page=page,
            rule=match["rule"],
            reason=" ".join((match["reason"] or "").split()),
            line=line,
            column=match.start() - text.rfind("\n", 0, match.start()),
            end_line=_block_end(page, end),
        )


def _block_end(page: Page, comment_end: int) -> int:
    """Last line of the block that follows the line `comment_end`."""
    lines = page.body.split("\n")
    last = len(lines) + page.body_line - 1
    spans = {fence.line: fence.end_line for fence in page.fences}
    spans |= {block.line: block.end_line for block in page.blocks}

    def blank(number: int) -> bool:
        return not lines[number - page.body_line].strip()

    def another(number: int) -> bool:
        return _COMMENT.fullmatch(lines[number - page.body_line].strip()) is not None

    number = comment_end + 1
    while number <= last and (blank(number) or another(number)):
        number += 1
    while number <= last and not blank(number):
        number = spans.get(number, number) + 1
    return number - 1


def _wrong(suppression: Suppression, used: bool) -> tuple[str, str] | None:
    rule = suppression.rule
    if rule not in SOURCE_RULES:
        hint = did_you_mean(rule, SOURCE_RULES) or "write `<!-- allow RULE: reason -->`"
        return f"there is no rule `{rule}` to suppress", hint
    if not suppression.reason:
        return f"`{rule}` is suppressed without a reason", f"write `<!-- allow {rule}: why -->`"
    if not used:
        return f"nothing here breaks `{rule}`", "remove the suppression"
    return None
