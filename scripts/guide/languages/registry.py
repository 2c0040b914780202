"""The languages that fences may use: their names, their aliases and the module that parses each.

A module is imported when the first block in its language is verified: no page pays for a parser
that it does not use.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Protocol, cast

from guide.languages.problem import SyntaxProblem


class Verifier(Protocol):
    """What every language module offers: the problems of code whose lines end in a line feed."""

    def __call__(self, language: str, code: str) -> tuple[SyntaxProblem, ...]:
        """Return the problems of `code`, in any order."""


@dataclass(frozen=True, slots=True)
class Language:
    """A language that a fence can name."""

    name: str
    title: str
    """The name as people write it."""
    module: str | None
    """The module in this package whose `verify` parses it; None where any text is valid."""
    aliases: tuple[str, ...] = ()
    part: str | None = None
    """The module for a part of a document, which no schema fits; None if it is the same one."""

    @property
    def exempt(self) -> bool:
        """Whether blocks in this language are not parsed here."""
        return self.module is None


_ALL = (
    Language("bash", "Shell", "treesitter", ("sh", "shell")),
    Language("console", "Console", None, ("shell-session", "terminal")),
    Language("css", "CSS", "treesitter"),
    Language("dockerfile", "Dockerfile", "treesitter", ("docker", "containerfile")),
    Language("github-workflow", "GitHub workflow", "document", ("workflow",), "yaml_text"),
    Language("go", "Go", "treesitter", ("golang",)),
    Language("graphql", "GraphQL", "graphql_text", ("gql",)),
    Language("hcl", "HCL", "treesitter", ("terraform", "tf")),
    Language("html", "HTML", "markup", ("htm",)),
    Language("http", "HTTP", "http_message"),
    Language("java", "Java", "treesitter"),
    Language("javascript", "JavaScript", "treesitter", ("js", "mjs", "cjs", "node", "jsx")),
    Language("json", "JSON", "document"),
    Language("jsonl", "JSON Lines", "json_text", ("ndjson", "jsonlines")),
    Language("lua", "Lua", "treesitter"),
    Language("markdown", "Markdown", None, ("md",)),
    # The diagrams package draws it, which proves more than parsing would.
    Language("mermaid", "Mermaid", None),
    Language("nginx", "nginx", "nginx", ("nginxconf",)),
    Language("openapi", "OpenAPI", "document"),
    Language("output", "Output", None),
    Language("protobuf", "Protocol Buffers", "protobuf", ("proto", "proto3")),
    Language("python", "Python", "python", ("py", "python3")),
    Language("redis", "Redis", "redis_commands", ("redis-cli", "rediscli")),
    Language("regex", "Regular expression", "regex", ("regexp", "re")),
    Language("sql", "SQL", "sql", ("postgres", "postgresql", "psql", "pgsql")),
    Language("text", "Text", None, ("txt", "plain", "plaintext")),
    Language("toml", "TOML", "toml_text"),
    Language("typescript", "TypeScript", "treesitter", ("ts",)),
    Language("xml", "XML", "markup", ("svg",)),
    Language("yaml", "YAML", "document", ("yml",), "yaml_text"),
)

LANGUAGES: Mapping[str, Language] = MappingProxyType({each.name: each for each in _ALL})
"""Every known language by its canonical name."""

_NAMES: Mapping[str, str] = MappingProxyType(
    {alias: each.name for each in _ALL for alias in (each.name, *each.aliases)}
)


def canonical(language: str) -> str | None:
    """Return the canonical name of a language or alias, in any case; None if it is unknown."""
    return _NAMES.get(language.lower())


def is_known(language: str) -> bool:
    """Return whether a fence may name this language."""
    return canonical(language) is not None


def verifier(language: Language, *, is_part: bool = False) -> Verifier | None:
    """Return the function that parses a language, or parts of it; None if it is exempt."""
    name = (language.part if is_part else None) or language.module
    if name is None:
        return None
    module = importlib.import_module(f"guide.languages.{name}")
    return cast(Verifier, module.verify)
