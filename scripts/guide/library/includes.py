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
    """One include line; `path` relative to docs/, `section` may be empty.

    `found` tells whether file and section are there.
    """

    path: str
    section: str
    line: int
    column: int
    found: bool


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
                path, section = target["path"].lstrip(";"), target["section"] or ""
                there = self._is_there(f"{path}:{section}" if section else path)
                found.append(Include(path, section, number, column, there))
        return tuple(found)

    def resolve(self, text: str) -> str:
        """Return `text` with its includes replaced; raise LookupError for a missing one."""
        try:
            return "\n".join(self._snippets.run(text.split("\n")))
        except (SnippetMissingError, OSError, UnicodeDecodeError) as error:
            raise LookupError(str(error)) from error

    def _is_there(self, name: str) -> bool:
        try:
            self.resolve(f'--8<-- "{name}"')
        except LookupError:
            return False
        return True
