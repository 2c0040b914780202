"""Snippet includes (`--8<-- "path:section"`): where they stand and what they bring in.

Resolving is left to the snippets extension itself, so that a page shows exactly what is
checked here.
"""

from __future__ import annotations

from dataclasses import dataclass

import markdown
from pymdownx.snippets import SnippetMissingError, SnippetPreprocessor


@dataclass(frozen=True, slots=True)
class Include:
    """One include line; `path` relative to docs/, `section` may be empty."""

    path: str
    section: str
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class IncludeError:
    """Why an include cannot be resolved."""

    include: Include
    message: str


class IncludeReader:
    """Finds and resolves includes with the site's own snippets settings."""

    def __init__(self, converter: markdown.Markdown) -> None:
        snippets = converter.preprocessors["snippet"]
        if not isinstance(snippets, SnippetPreprocessor):
            raise TypeError("the snippets extension must be configured")
        self._snippets = snippets

    def find(self, text: str, first_line: int) -> tuple[Include, ...]:
        """Find the include lines of `text`."""
        found = []
        for number, line in enumerate(text.split("\n"), first_line):
            match = self._snippets.RE_ALL_SNIPPETS.match(line)
            if match is None or match["escape"] or not match["inline_marker"]:
                continue
            target = self._snippets.parse_snippet_target(match["snippet"][1:-1].strip())
            if target is not None:
                column = len(match["space"]) + len(match["inline_marker"]) + 2
                found.append(
                    Include(target["path"].lstrip(";"), target["section"] or "", number, column)
                )
        return tuple(found)

    def resolve(self, text: str) -> str:
        """Return `text` with its includes replaced; raise LookupError for a missing one."""
        try:
            return "\n".join(self._snippets.run(text.split("\n")))
        except (SnippetMissingError, OSError, UnicodeDecodeError) as error:
            raise LookupError(str(error)) from error

    def error(self, include: Include) -> IncludeError | None:
        """Return why `include` cannot be resolved, or None if it can."""
        name = f"{include.path}:{include.section}" if include.section else include.path
        try:
            self.resolve(f'--8<-- "{name}"')
        except LookupError as error:
            return IncludeError(include, str(error))
        return None
