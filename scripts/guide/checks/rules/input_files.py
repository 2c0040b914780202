"""Whatever could not be read: encodings, links out of docs/, YAML, front matter, data files."""

from __future__ import annotations

from collections.abc import Iterator

from guide.checks.finding import Edit, Finding
from guide.checks.rule import LibraryRule
from guide.library import Library
from guide.library.front_matter import RULE as FRONT_MATTER_RULE
from guide.library.reading import DATA_RULE

MAP = "docs/topics.yml"


def check(library: Library) -> Iterator[Finding]:
    """Report the library's own problems; each carries the rule id it is reported under.

    Without a readable map nobody knows which pages are topics, so their front matter is not
    judged.
    """
    no_map = any(each.path == MAP and each.rule == DATA_RULE for each in library.problems)
    for problem in library.problems:
        if no_map and problem.rule == FRONT_MATTER_RULE:
            continue
        # Rewriting a file leaves out what reading it leaves out: CR and the byte order mark.
        rewritten = (Edit(problem.line, 1, problem.line, 1, ""),)
        yield Finding(
            problem.path,
            problem.line,
            problem.column,
            problem.rule,
            problem.message,
            problem.hint,
            fix=rewritten if problem.mendable else (),
        )


RULE = LibraryRule("input", "is readable UTF-8 with valid front matter", check, needs_data=False)
