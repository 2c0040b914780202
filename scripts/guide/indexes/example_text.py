"""Examples in Markdown: the badge that says what was done with one, and its tabs."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence

from guide.indexes.markdown_text import link, plural
from guide.languages import LANGUAGES, language_of
from guide.library.examples import (
    COUNTED,
    EXPECTED_FILE,
    LANGUAGE_NAMES,
    PROGRAM_FILES,
    Example,
    ExampleLanguage,
)
from guide.library.verification import LanguageVerdict


def badge(origin: str, example: Example) -> str:
    """One paragraph for the page `origin`: what ran on which engines, with links to the files."""
    listed = example.languages
    verdicts = {language: example.verdict(language) for language in listed}
    parts = []
    for verdict, label in (("ran", "Ran"), ("compiled", "Compiled")):
        having = [
            (language, found)
            for language in listed
            if (found := verdicts[language]) and found.verdict == verdict
        ]
        if having:
            parts.append(f"**{label}:** {_joined(_engines(origin, example, having))}")
    missing = [each for each in listed if verdicts[each] is None]
    if missing:
        names = [
            _file(origin, example, PROGRAM_FILES[each], LANGUAGE_NAMES[each]) for each in missing
        ]
        parts.append(f"**Not run:** {_joined(names)}")
    parsed = [name for name in example.parsed_files if _is_parsed(name)]
    if parsed:
        names = [_file(origin, example, name, name) for name in parsed]
        parts.append(f"**Parsed:** {_joined(names)}")
    lent = {name: used for each in listed for name, used in example.beside(each).items()}
    if lent:
        names = [_file(origin, used, name, name) for name, used in lent.items()]
        parts.append(f"**Beside it:** {_joined(names)}")
    text = " ".join(f"{part}." for part in parts)
    return f'{text}\n{{ .example-badge data-search-exclude="" }}'


def _is_parsed(name: str) -> bool:
    language = language_of(name)
    return language is not None and not LANGUAGES[language].exempt


def _engines(
    origin: str, example: Example, having: Sequence[tuple[ExampleLanguage, LanguageVerdict]]
) -> Iterator[str]:
    """Each program by the engine that ran it, then the servers that they used."""
    for language, verdict in having:
        title = "HTTP exchange" if language == "http" else verdict.engines[0]
        counted = f" ({plural(verdict.count, COUNTED[language])})" if verdict.count else ""
        yield _file(origin, example, PROGRAM_FILES[language], title) + counted
    servers = [engine for _, verdict in having for engine in verdict.engines[1:]]
    own = {verdict.engines[0] for _, verdict in having}
    yield from (f"with {engine}" for engine in dict.fromkeys(servers) if engine not in own)


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


def _file(origin: str, example: Example, name: str, text: str) -> str:
    return link(text, origin, f"{example.folder}/{name}")


def _joined(parts: Iterator[str] | Sequence[str]) -> str:
    return ", ".join(parts)
