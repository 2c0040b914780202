"""Every file of a runnable example parses as a whole, also where no page shows it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from guide.checks.finding import Finding
from guide.checks.rule import LibraryRule
from guide.checks.syntax import syntax_problems
from guide.languages import language_of
from guide.library import Library
from guide.library.source_file import read_source

_MARK = re.compile(r"-+8<-+ *\[(?P<kind>start|end):(?P<name>[\w-]+)\]")


def check(library: Library) -> Iterator[Finding]:
    """Report syntax errors by the language of a file's name, and sections left open."""
    for example in library.examples:
        for name in sorted(example.files):
            language = language_of(name)
            if language is None:
                continue
            path = f"docs/{example.folder}/{name}"
            source = read_source(library.root, path)
            for problem in source.problems:
                yield Finding(path, problem.line, 1, RULE.id, problem.message, problem.hint)
            text = source.text or ""
            yield from _sections(path, text)
            for error in syntax_problems(library.memo, language, text, is_script=True):
                message = f"not valid {language}: {error.message}"
                yield Finding(path, error.line, error.column, RULE.id, message, error.hint or "")


def _sections(path: str, text: str) -> Iterator[Finding]:
    """Section marks come in pairs: a section that is not ended shows the rest of the file."""
    lines = text.rstrip("\n").split("\n")
    opened: dict[str, int] = {}
    for number, line in enumerate(lines, start=1):
        mark = _MARK.search(line)
        if mark and mark["kind"] == "start":
            opened[mark["name"]] = number
        elif mark and opened.pop(mark["name"], None) is None:
            message = f"the section `{mark['name']}` ends here but starts nowhere"
            yield Finding(path, number, 1, RULE.id, message, "remove the mark, or add the other")
    for name, number in opened.items():
        message = f"the section `{name}`, which starts on line {number}, has no end"
        hint = f"write `--8<-- [end:{name}]` in a comment"
        yield Finding(path, number, 1, RULE.id, message, hint)


RULE = LibraryRule(
    "example-syntax", "shows examples whose files parse as a whole", check, needs_data=False
)
