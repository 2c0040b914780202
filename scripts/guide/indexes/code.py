"""All runnable examples, by language, with what was done with each."""

from __future__ import annotations

from guide.indexes.example_text import COUNTED
from guide.indexes.markdown_text import escape, items, link, page, plural
from guide.library import Library
from guide.library.examples import LANGUAGE_NAMES, PROGRAM_FILES, Example, ExampleLanguage

PATH = "code.md"


def code_index(library: Library) -> str:
    """Every example: what it proves, where it is explained, whether it ran on what."""
    blocks = [
        f"{plural(len(library.examples), 'example')}. Each is the same program in every language "
        "listed, and every version prints the same text. [How they are run](about/examples.md)."
    ]
    for language in PROGRAM_FILES:
        having = [each for each in library.examples if language in each.languages]
        if having:
            blocks += [
                f"## {LANGUAGE_NAMES[language]} {{ #{language} }}",
                items(_line(library, example, language) for example in having),
            ]
    return page("Code examples", "Every runnable example of the guide, by language.", blocks)


def _line(library: Library, example: Example, language: ExampleLanguage) -> str:
    where = library.page_of(example.about.topic)
    name = link(example.about.title, PATH, example.program(language))
    explained = f"{link(where.title, PATH, where.path)}. " if where else ""
    return f"{name} · {_truth(example, language)}. {explained}{escape(example.about.proves)}"


def _truth(example: Example, language: ExampleLanguage) -> str:
    verdict = example.verdict(language)
    if verdict is None:
        return "not run"
    counted = f", {plural(verdict.count, COUNTED[language])}" if verdict.count else ""
    return f"{verdict.verdict} on {' with '.join(verdict.engines)}{counted}"
