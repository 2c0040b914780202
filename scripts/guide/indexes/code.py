"""All runnable examples, by language, with what was done with each."""

from __future__ import annotations

from guide.indexes.markdown_text import escape, items, link, named_link, page, plural
from guide.library import Library
from guide.library.examples import (
    COUNTED,
    LANGUAGE_NAMES,
    PROGRAM_FILES,
    Example,
    ExampleLanguage,
    example_of,
)

PATH = "code.md"


def code_index(library: Library) -> str:
    """Every example: what it proves, where it is explained, whether it ran on what."""
    blocks = [
        f"{plural(len(library.examples), 'example')}. Each is the same program in every language "
        "listed, and every version prints the same text. [How they are run](about/examples.md).",
        "## What each proves { #examples }",
        items(_subject(library, example) for example in library.examples),
    ]
    for language in PROGRAM_FILES:
        having = [each for each in library.examples if language in each.languages]
        if having:
            blocks += [
                f"## {LANGUAGE_NAMES[language]} {{ #{language} }}",
                items(_line(example, language) for example in having),
            ]
    return page("Code examples", "Every runnable example of the guide, by language.", blocks)


def _subject(library: Library, example: Example) -> str:
    """The example's point, and the page or the index that shows it."""
    about = example.about
    shown = _page_that_shows(library, example)
    topic = library.curriculum.by_slug.get(about.topic)
    if not shown and topic:
        shown = f"{topic.area}/index.md#{topic.slug}"
    name = link(about.title, PATH, shown) if shown else escape(about.title)
    return f"{name}: {escape(about.proves)}"


def _page_that_shows(library: Library, example: Example) -> str:
    """That of its topic if it can be, or else the first one; empty if there is none."""
    topic = library.page_of(example.about.topic)
    others = (each for each in library.pages.values() if each.kind == "page")
    for shown in (topic, *others):
        if shown and any(example_of(each.path) == example.folder for each in shown.includes):
            return shown.path
    return topic.path if topic else ""


def _line(example: Example, language: ExampleLanguage) -> str:
    program = example.program(language)
    name = named_link(example.about.title, LANGUAGE_NAMES[language], PATH, program)
    return f"{name} · {_truth(example, language)}"


def _truth(example: Example, language: ExampleLanguage) -> str:
    verdict = example.verdict(language)
    if verdict is None:
        return "not run"
    counted = f", {plural(verdict.count, COUNTED[language])}" if verdict.count else ""
    engines = ", ".join(verdict.engines).replace(", ", " with ", 1)
    return f"{verdict.verdict} on {engines}{counted}"
