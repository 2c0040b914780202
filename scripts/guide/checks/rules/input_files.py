"""Whatever could not be read: encodings, links out of docs/, YAML, front matter, data files."""

from __future__ import annotations

from collections.abc import Iterator

from guide.checks.finding import Finding
from guide.checks.rule import Rule
from guide.library import Library


def check(library: Library) -> Iterator[Finding]:
    """Report the library's own problems; each carries the rule id it is reported under."""
    for problem in library.problems:
        yield Finding(
            problem.path, problem.line, problem.column, problem.rule, problem.message, problem.hint
        )


RULE = Rule("input", "is readable UTF-8 with valid front matter", check)
