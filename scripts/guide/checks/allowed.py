"""The allow-list, docs/allowed.yml: findings that are right and wanted all the same, with reasons.

For what a comment in the page cannot cover: front matter, data files, generated pages, the built
site. The list is sorted, and an entry that matches nothing is a finding itself.
"""

from __future__ import annotations

import itertools
from collections.abc import Container, Iterable

from guide.checks.catalog import SOURCE_RULES, all_rules
from guide.checks.finding import Finding
from guide.library import Library, did_you_mean
from guide.library.allowance import ALLOWANCES, Allowance

RULE_ID = "allow-list"


def apply_allowances(
    library: Library, findings: Iterable[Finding], ran: Container[str]
) -> list[Finding]:
    """Leave out what the project allows; add what is wrong with entries for the rules in `ran`."""
    matched: set[int] = set()
    kept = []
    for finding in findings:
        entries = [
            index for index, entry in enumerate(library.allowances) if _matches(entry, finding)
        ]
        matched.update(entries)
        if not entries:
            kept.append(finding)
    for index, entry in enumerate(library.allowances):
        line, column = library.place(ALLOWANCES, index)
        wrong = _wrong(entry, index in matched, ran)
        if wrong:
            kept.append(Finding(ALLOWANCES, line, column, RULE_ID, *wrong))
    return [*kept, *_order(library)]


def _matches(entry: Allowance, finding: Finding) -> bool:
    return (entry.path, entry.rule) == (
        finding.path,
        finding.rule,
    ) and entry.says in finding.message


def _wrong(entry: Allowance, matched: bool, ran: Container[str]) -> tuple[str, str] | None:
    if entry.rule not in SOURCE_RULES and entry.rule not in all_rules():
        return f"there is no rule `{entry.rule}` to allow", did_you_mean(entry.rule, all_rules())
    if not matched and entry.rule in ran:
        return f"nothing in {entry.path} breaks `{entry.rule}` like this", "remove the entry"
    return None


def _order(library: Library) -> Iterable[Finding]:
    keys = [(entry.path, entry.rule, entry.says) for entry in library.allowances]
    for index, (before, after) in enumerate(itertools.pairwise(keys), start=1):
        if before >= after:
            line, column = library.place(ALLOWANCES, index)
            message = "twice the same entry" if before == after else "the entries are not sorted"
            hint = "sort by path, rule and says, each entry once"
            yield Finding(ALLOWANCES, line, column, RULE_ID, message, hint)
