"""All runnable examples, by language."""

from __future__ import annotations

from guide.indexes.markdown_text import escape, items, link, page, plural
from guide.library import Library
from guide.library.examples import PROGRAM_FILES, Example, ExampleLanguage

PATH = "code.md"
LANGUAGE_NAMES: dict[ExampleLanguage, str] = {
    "python": "Python",
    "go": "Go",
    "javascript": "JavaScript",
    "java": "Java",
    "sql": "SQL",
    "redis": "Redis",
}


def code_index(library: Library) -> str:
    """Every example: what it proves, where it is explained, its files by language."""
    blocks = [
        f"{plural(len(library.examples), 'example')}. Each is the same program in every language "
        "listed, and every version prints the same text."
    ]
    for language in PROGRAM_FILES:
        having = [each for each in library.examples if language in each.about.languages]
        if having:
            blocks += [
                f"## {LANGUAGE_NAMES[language]} {{ #{language} }}",
                items(_line(library, example, language) for example in having),
            ]
    return page("Code examples", "Every runnable example of the guide, by language.", blocks)


def _line(library: Library, example: Example, language: ExampleLanguage) -> str:
    where = library.page_of(example.about.topic)
    explained = f" Explained on {link(where.title, PATH, where.path)}." if where else ""
    name = link(example.about.title, PATH, example.program(language))
    return f"{name}: {escape(example.about.proves)}{explained}"
