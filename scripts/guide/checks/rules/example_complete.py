"""An example has every file that its description names, and none that nothing runs."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from guide.checks.finding import Finding
from guide.checks.rule import LibraryRule
from guide.library import Library, did_you_mean
from guide.library.examples import (
    DESCRIPTION_FILE,
    LANGUAGE_NAMES,
    PROGRAM_FILES,
    Example,
)


def check(library: Library) -> Iterator[Finding]:
    """Report missing and surplus programs, missing expectations, and unknown examples in use."""
    folders = {example.folder for example in library.examples}
    for example in library.examples:
        for key, message, hint in (*_files(example), *_used(example, folders)):
            path = f"docs/{example.folder}/{DESCRIPTION_FILE}"
            line, column = library.place(path, key)
            yield Finding(path, line, column, RULE.id, message, hint)


def _files(example: Example) -> Iterator[tuple[str, str, str]]:
    """What is wrong, with the key of the description that says otherwise."""
    for language in example.about.languages:
        program = PROGRAM_FILES[language]
        if program not in example.files:
            hint = did_you_mean(program, example.files) or "write it, or take the language out"
            yield "languages", f"there is no {program}, the program in {_name(language)}", hint
        expected = example.expected(language)
        wanted = expected is not None and language not in example.about.compiled
        if expected is not None and wanted and expected not in example.files:
            hint = "let `guide examples --update` write it"
            yield "languages", f"there is no {expected}, which {program} must print", hint
    for language, program in PROGRAM_FILES.items():
        # An exchange without a server is a file like others: it is parsed.
        if program in example.files and language not in (*example.about.languages, "http"):
            hint = f"add {language} to languages, or remove the file"
            yield "languages", f"{program} is run by nobody", hint
    if "go" in example.about.languages and "go.mod" not in example.files:
        yield "languages", "there is no go.mod, without which main.go is no module", "write it"
    server = example.about.server
    if server is not None and server not in example.files:
        hint = did_you_mean(server, example.files) or "write it"
        yield "server", f"there is no {server}, which answers exchange.http", hint


def _used(example: Example, folders: set[str]) -> Iterator[tuple[str, str, str]]:
    for name in example.about.uses:
        if name not in folders:
            near = did_you_mean(name, folders)
            hint = near or f"name its folder under docs/, as {posixpath.dirname(example.folder)}/…"
            yield "uses", f"there is no example `{name}`", hint


def _name(language: str) -> str:
    return {str(key): name for key, name in LANGUAGE_NAMES.items()}[language]


RULE = LibraryRule("example-complete", "shows examples that have all their files", check)
