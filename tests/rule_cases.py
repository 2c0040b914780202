"""Fixtures of rules: text files that break, keep and mend one rule, and say where themselves.

    === failing
    --- docs/http/methods.md: Links that delete.
    See [the methods](method.md).«link-target:5 there is no docs/http/method.md»

A case changes files of the miniature guide (of a small built site, for rules about that). After
`--- PATH: TEXT` stands what replaces TEXT there; after `--- PATH`, the whole file. Each mark
`«rule:column part of the message»` is taken out of the file and expected as a finding on its
line; `+++ PATH:LINE:COLUMN rule part of the message` expects one elsewhere. "failing" cases come
with a "fixed" one: what `--fix` makes of it where the rule can, else a repair by hand. "passing"
cases are look-alikes. `␍` stands for a carriage return.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

CASES = Path(__file__).parent / "checks" / "rules"
PLACE = "docs/http/methods.md: Links that delete."
_CASE = re.compile(r"^=== (?P<kind>failing|fixed|passing)(?:: (?P<name>.+))?$", re.MULTILINE)
_CHANGE = re.compile(r"^--- (?P<path>[^\s:]+)(?:: (?P<old>.+))?$", re.MULTILINE)
_ELSEWHERE = re.compile(
    r"^\+\+\+ (?P<path>[^:]+):(?P<line>\d+):(?P<column>\d+) (?P<rule>[\w-]+) (?P<says>.+)\n?",
    re.MULTILINE,
)
_MARK = re.compile(r"«(?P<rule>[\w-]+):(?P<column>\d+) (?P<says>[^»]*)»")


@dataclass(frozen=True)
class Expected:
    path: str
    line: int
    column: int
    rule: str
    says: str


@dataclass(frozen=True)
class Change:
    """New text for a file, or for the part `old` of it."""

    path: str
    old: str | None
    text: str

    def apply(self, before: str) -> str:
        if self.old is None:
            return self.text
        assert before.count(self.old) == 1, f"{self.old!r} is not once in {self.path}"
        return before.replace(self.old, self.text.rstrip("\n"))


@dataclass(frozen=True)
class Case:
    rule: str
    kind: str
    name: str
    changes: tuple[Change, ...]
    elsewhere: tuple[Expected, ...]

    @property
    def id(self) -> str:
        return f"{self.rule}-{self.kind}" + (f"-{self.name}" if self.name else "")

    @property
    def snippet(self) -> str:
        """What the first change puts in, without marks: the example on the rule's page."""
        return _MARK.sub("", self.changes[0].text).replace("␍", "").strip("\n")


def read_cases(rule: str) -> list[Case]:
    text = (CASES / f"{rule}.txt").read_text(encoding="utf-8")
    return list(_cases(rule, text))


def all_cases(kind: str) -> list[Case]:
    return [
        case
        for file in sorted(CASES.glob("*.txt"))
        for case in read_cases(file.stem)
        if case.kind == kind
    ]


def marked(path: str, text: str) -> tuple[str, list[Expected]]:
    """Take the marks out of a file's text; return it with what they expect."""
    lines, expected = [], []
    for number, line in enumerate(text.split("\n"), start=1):
        for match in _MARK.finditer(line):
            place = (path, number, int(match["column"]))
            expected.append(Expected(*place, match["rule"], match["says"]))
        lines.append(_MARK.sub("", line))
    return "\n".join(lines).replace("␍", "\r"), expected


def _cases(rule: str, text: str) -> Iterator[Case]:
    heads = list(_CASE.finditer(text))
    assert heads, f"{rule}.txt has no case"
    assert not text[: heads[0].start()].strip(), f"{rule}.txt does not start with a case"
    ends = [*(head.start() for head in heads[1:]), len(text)]
    for head, end in zip(heads, ends, strict=True):
        body = text[head.end() + 1 : end]
        elsewhere = tuple(
            Expected(m["path"], int(m["line"]), int(m["column"]), m["rule"], m["says"])
            for m in _ELSEWHERE.finditer(body)
        )
        changes = tuple(_changes(_ELSEWHERE.sub("", body)))
        yield Case(rule, head["kind"], head["name"] or "", changes, elsewhere)


def _changes(body: str) -> Iterator[Change]:
    heads = list(_CHANGE.finditer(body))
    starts = [*(head.start() for head in heads), len(body)]
    if body[: starts[0]].strip():
        path, _, old = PLACE.partition(": ")
        yield Change(path, old, body[: starts[0]].rstrip("\n") + "\n")
    for head, end in zip(heads, starts[1:], strict=True):
        yield Change(head["path"], head["old"], body[head.end() + 1 : end].rstrip("\n") + "\n")
