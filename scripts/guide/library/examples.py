"""Runnable examples: a folder `docs/<area>/code/<example>/` is one idea in several languages."""

from __future__ import annotations

import dataclasses
import posixpath
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

import pydantic
from pydantic import ConfigDict

from guide.library.memo import digest
from guide.library.verification import VERIFICATION_FILE, LanguageVerdict, Verification

DESCRIPTION_FILE = "example.yml"
ExampleLanguage = Literal["http", "python", "go", "javascript", "java", "sql", "redis"]
EngineName = Literal["postgres", "redis"]
PROGRAM_FILES: dict[ExampleLanguage, str] = {
    "python": "example.py",
    "go": "main.go",
    "javascript": "example.mjs",
    "java": "Main.java",
    "sql": "example.sql",
    "redis": "example.redis",
    "http": "exchange.http",
}
"""The program of each language, in the order of tabs and reports."""
LANGUAGE_NAMES: dict[ExampleLanguage, str] = {
    "python": "Python",
    "go": "Go",
    "javascript": "JavaScript",
    "java": "Java",
    "sql": "SQL",
    "redis": "Redis",
    "http": "HTTP",
}
COUNTED: dict[ExampleLanguage, str] = {
    "sql": "statement",
    "redis": "command",
    "http": "message",
}
"""What an engine takes one by one, where that is the program."""
EXPECTED_FILE = "expected.txt"
SHOWN_MARK = "--8<-- [start:show]"
"""Begins the part of a file that pages show."""
_SOURCES: dict[ExampleLanguage, tuple[str, ...]] = {
    "python": (".py",),
    "go": (".go", "go.mod"),
    "javascript": (".mjs",),
    "java": (".java",),
    "sql": (".sql",),
    "redis": (".redis",),
    "http": (".http", ".py"),
}
"""How the files end that only one language reads; the server of an exchange is in Python."""
_EXPECTATIONS: dict[ExampleLanguage, str] = {
    "sql": "expected.sql.txt",
    "redis": "expected.redis.txt",
}
"""Where the engine itself is the subject, its output is its own."""
_NOT_READ = {DESCRIPTION_FILE, EXPECTED_FILE, VERIFICATION_FILE, *_EXPECTATIONS.values()}


class ExampleDescription(pydantic.BaseModel):
    """What example.yml says.

    `languages` are run, and each must print the expected text; those in `compiled` are only
    compiled. `engines` are servers that the programs use, `requires` commands on the PATH,
    `packages` what Python imports beside its own library, `uses` other examples whose files stand
    beside the program unless a later one or the example itself has a file of that name, `server`
    the program that answers exchange.http, `timeout` the seconds that each program may take.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    title: str
    proves: str
    topic: str
    languages: tuple[ExampleLanguage, ...] = pydantic.Field(min_length=1)
    compiled: tuple[ExampleLanguage, ...] = ()
    engines: tuple[EngineName, ...] = ()
    requires: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()
    server: str | None = pydantic.Field(default=None, pattern=r"^[\w-]+\.py$")
    timeout: int = pydantic.Field(default=20, ge=1, le=120)

    @pydantic.model_validator(mode="after")
    def _consistent(self) -> ExampleDescription:
        unknown = set(self.compiled) - set(self.languages)
        if unknown:
            raise ValueError(f"compiled: {', '.join(sorted(unknown))} is not in languages")
        not_compiled = set(self.compiled) & {"sql", "redis", "http"}
        if not_compiled:
            raise ValueError(f"compiled: {', '.join(sorted(not_compiled))} has no compiler")
        if ("http" in self.languages) != (self.server is not None):
            raise ValueError("http in languages and server belong together")
        return self


@dataclass(frozen=True, slots=True)
class Example:
    """An example.

    `folder` is relative to docs/; `files` maps the names in it to digests of their contents;
    `shown` are those with a section for pages; `recorded` is what its last run on record found;
    `used` are the examples whose files stand beside its own.
    """

    folder: str
    about: ExampleDescription
    files: Mapping[str, str]
    shown: frozenset[str]
    recorded: Verification
    used: tuple[Example, ...] = ()

    @property
    def languages(self) -> tuple[ExampleLanguage, ...]:
        """Its languages in the order of `PROGRAM_FILES`, without those whose program is missing."""
        return tuple(
            language
            for language, program in PROGRAM_FILES.items()
            if language in self.about.languages and program in self.files
        )

    def program(self, language: ExampleLanguage) -> str:
        """Path of the program in `language`, relative to docs/."""
        return posixpath.join(self.folder, PROGRAM_FILES[language])

    def expected(self, language: ExampleLanguage) -> str | None:
        """Name of the file that holds what `language` prints; an exchange holds its answers."""
        return None if language == "http" else _EXPECTATIONS.get(language, EXPECTED_FILE)

    def sources(self, language: ExampleLanguage) -> tuple[str, ...]:
        """Names of the files that a run of `language` reads: all but the other languages' own.

        A file in none of the example's languages is data, as the SQL that a Python program applies.
        """
        own = _SOURCES[language]
        ends = (end for each in self.about.languages for end in _SOURCES[each])
        others = tuple(end for end in ends if end not in own)
        return tuple(
            name for name in self.files if not name.endswith(others) and name not in _NOT_READ
        )

    def shared(self, language: ExampleLanguage) -> tuple[str, ...]:
        """Names of the sources that stand beside another example which uses this one."""
        kept = (PROGRAM_FILES[language], "go.mod", self.about.server)
        return tuple(name for name in self.sources(language) if name not in kept)

    def beside(self, language: ExampleLanguage) -> dict[str, Example]:
        """Names of the files that other examples lend to a run of `language`, with whose they are.

        Of files with one name the example's own stands there, or else that of the last one used.
        """
        own = set(self.sources(language))
        lent = {name: each for each in self.used for name in each.shared(language)}
        return {name: each for name, each in lent.items() if name not in own}

    def content(self, language: ExampleLanguage) -> str:
        """Identify everything that a run of `language` depends on."""
        about, expected = self.about, self.expected(language)
        is_compiled = language in about.compiled
        settings = about.engines, about.requires, about.packages, about.server, is_compiled
        parts = [language, str(settings)]
        parts += [f"{name} {self.files[name]}" for name in self.sources(language)]
        parts.append(self.files.get(expected, "") if expected else "")
        parts += [f"{name} {each.files[name]}" for name, each in self.beside(language).items()]
        return digest(*parts)

    def verdict(self, language: ExampleLanguage) -> LanguageVerdict | None:
        """What is known about the files as they are now; None if they were not run."""
        recorded = self.recorded.languages.get(language)
        return recorded if recorded and recorded.content == self.content(language) else None

    @property
    def parsed_files(self) -> tuple[str, ...]:
        """Names of the files in no language of the example: `guide check` parses what it can."""
        ends = tuple(end for each in self.about.languages for end in _SOURCES[each])
        return tuple(
            name for name in self.files if not name.endswith(ends) and name not in _NOT_READ
        )


def example_folders(files: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Group the paths under docs/ that belong to an example by its folder."""
    folders: dict[str, list[str]] = {}
    for path in sorted(files):
        folder = example_of(path)
        if folder is not None:
            folders.setdefault(folder, []).append(path.removeprefix(f"{folder}/"))
    return {folder: tuple(names) for folder, names in folders.items()}


def example_of(path: str) -> str | None:
    """The example that holds the file `path`, relative to docs/; None if it is in none."""
    parts = path.split("/")
    return "/".join(parts[:3]) if len(parts) >= 4 and parts[1] == "code" else None


def with_used(examples: Mapping[str, Example]) -> tuple[Example, ...]:
    """Give each example those it uses; a folder that is no example is left out."""
    return tuple(
        dataclasses.replace(
            example, used=tuple(examples[name] for name in example.about.uses if name in examples)
        )
        for example in examples.values()
    )
