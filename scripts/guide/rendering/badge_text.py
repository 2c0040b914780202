"""The badge of an example in Markdown: what ran on which engines, what was only parsed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from guide.indexes.markdown_text import link, plural
from guide.languages import LANGUAGES, language_of
from guide.library.examples import (
    COUNTED,
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


def _file(origin: str, example: Example, name: str, text: str) -> str:
    return link(text, origin, f"{example.folder}/{name}")


def _joined(parts: Iterator[str] | Sequence[str]) -> str:
    return ", ".join(parts)
