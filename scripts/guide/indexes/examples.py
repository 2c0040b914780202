"""How many examples ran on which engines: figures for the about pages."""

from __future__ import annotations

from collections import Counter

from guide.indexes.markdown_text import items, link, page, plural
from guide.library import Library
from guide.library.examples import COUNTED, LANGUAGE_NAMES, PROGRAM_FILES, Example, ExampleLanguage

PATH = "about/examples.md"


def examples_page(library: Library) -> str:
    """Programs by language and verdict; statements, commands and messages that engines took."""
    programs = [(each, language) for each in library.examples for language in each.languages]
    blocks = [
        f"{plural(len(library.examples), 'example')} in {plural(len(programs), 'program')}: "
        "each is a real file that a real engine ran, and every language prints the same text, "
        "byte for byte. What a page says under an example is read from the record of that run, "
        "which holds for exactly these files: a changed file counts as not run, and the build "
        f"refuses it. {link('The index of examples', PATH, 'code.md')} lists them by language.",
        "## Programs",
        _table(library),
        "## What engines took",
        items(_figures(library)),
        "## How a program runs",
        _METHOD,
    ]
    description = "How many examples ran, on which engines, and how a program is run."
    return page("Examples that ran", description, blocks)


_METHOD = """\
Each program runs in an empty folder with copies of its files, in a session of its own, without
the environment of whoever started it. Time, memory, output and the number of processes are
limited, and whatever it leaves running is ended and reported. A server that it needs, PostgreSQL
or Redis, starts once for all on a private socket; each program gets an empty database. Compilers
and interpreters treat warnings as errors. What is written to the checkout meanwhile is found."""


def _table(library: Library) -> str:
    rows = ["| Language | Ran | Compiled | Not run | Engine |", "| --- | --: | --: | --: | --- |"]
    for language in PROGRAM_FILES:
        having = [each for each in library.examples if language in each.languages]
        if having:
            verdicts = [each.verdict(language) for each in having]
            counts = Counter(each.verdict if each else "not run" for each in verdicts)
            engines = sorted({each.engines[0] for each in verdicts if each})
            cells = [str(counts[each]) for each in ("ran", "compiled", "not run")]
            rows.append(
                f"| {LANGUAGE_NAMES[language]} | {' | '.join(cells)} | {', '.join(engines)} |"
            )
    return "\n".join(rows)


def _figures(library: Library) -> list[str]:
    statements, commands, messages = (
        _counted(library.examples, language) for language in ("sql", "redis", "http")
    )
    http = sum(fence.language == "http" for each in library.written_pages for fence in each.fences)
    return [
        f"{plural(statements, 'SQL statement')} of SQL examples, executed by PostgreSQL, and those "
        "inside programs. Pages show SQL only from examples.",
        f"{plural(commands, 'Redis command')}, executed by Redis. Pages show them only from "
        "examples.",
        f"{plural(messages, 'HTTP message')} in exchanges that were replayed against a server. All "
        f"{plural(http, 'HTTP block')} on pages are parsed by h11.",
    ]


def _counted(examples: tuple[Example, ...], language: ExampleLanguage) -> int:
    assert language in COUNTED
    verdicts = (each.verdict(language) for each in examples)
    return sum(verdict.count or 0 for verdict in verdicts if verdict)
