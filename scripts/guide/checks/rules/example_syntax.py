"""Every file of a runnable example parses as a whole, also where no page shows it."""

from __future__ import annotations

from collections.abc import Iterator

from guide.checks.finding import Finding
from guide.checks.rule import LibraryRule
from guide.languages import canonical, verify
from guide.languages.problem import SyntaxProblem
from guide.library import Library
from guide.library.memo import digest
from guide.library.source_file import read_source


def check(library: Library) -> Iterator[Finding]:
    """Report syntax errors in example files, by the language of their extension."""
    for example in library.examples:
        for name in sorted(example.files):
            language = canonical(name.rpartition(".")[2]) if "." in name else None
            if language is None:
                continue
            path = f"docs/{example.folder}/{name}"
            source = read_source(library.root, path)
            for problem in source.problems:
                yield Finding(path, problem.line, 1, RULE.id, problem.message, problem.hint)
            text = source.text or ""
            for error in _problems(library, language, text):
                message = f"not valid {language}: {error.message}"
                yield Finding(path, error.line, error.column, RULE.id, message, error.hint or "")


def _problems(library: Library, language: str, text: str) -> tuple[SyntaxProblem, ...]:
    key = digest(language, text)
    return library.memo.get("example-syntax", key, lambda: verify(language, text))


RULE = LibraryRule(
    "example-syntax", "shows examples whose files parse as a whole", check, needs_data=False
)
