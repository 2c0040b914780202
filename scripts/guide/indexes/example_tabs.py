"""An example in Markdown: a tab for each language, and one for what all of them print."""

from __future__ import annotations

import posixpath

from guide.library.examples import (
    EXPECTED_FILE,
    LANGUAGE_NAMES,
    PROGRAM_FILES,
    Example,
    ExampleLanguage,
)


def tabs(example: Example) -> list[str]:
    """Blocks of a tab set that shows the example in every language, and its output."""
    blocks = []
    for language in example.languages:
        fences = [_fence(language, _shown_file(example, language))]
        expected = example.expected(language)
        if expected in example.files and expected != EXPECTED_FILE:
            fences.append(_fence("text", f"{example.folder}/{expected}"))
        blocks += [f"/// tab | {LANGUAGE_NAMES[language]}", *fences, "///"]
    if EXPECTED_FILE in example.files:
        blocks += ["/// tab | Output", _fence("text", f"{example.folder}/{EXPECTED_FILE}"), "///"]
    return blocks


def _shown_file(example: Example, language: ExampleLanguage) -> str:
    """The program's part for pages, or that of the file beside it which holds the mechanism."""
    program = PROGRAM_FILES[language]
    for name in (program, *example.sources(language)):
        if name in example.shown:
            return f"{example.folder}/{name}:show"
    return f"{example.folder}/{program}"


def _fence(language: str, path: str) -> str:
    name = posixpath.basename(path).partition(":")[0]
    return f'``` {{ .{language} title="{name}" }}\n--8<-- "{path}"\n```'
