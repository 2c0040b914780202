"""Find fenced code exactly where the renderer finds it, with line spans.

SuperFences decides what a fence is (inside tabs, lists and quotes too), so its own
preprocessor does the finding; this module only records what it saw. The snippets
preprocessor stays off, because it runs first and would shift the lines.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import markdown
from pymdownx.superfences import RE_NESTED_FENCE_START, SuperFencesBlockPreprocessor

_FENCE_LINE = re.compile(r"^[> \t]*(?P<fence>`{3,}|~{3,})(?P<info>.*)$")


@dataclass(frozen=True, slots=True)
class Fence:
    """A fenced code block; `line` and `end_line` are those of its two fence lines.

    `included_from` names the file that its code comes from, if it is a snippet include.
    """

    language: str
    options: Mapping[str, str]
    code: str
    line: int
    end_line: int
    column: int
    included_from: str = ""

    @property
    def code_line(self) -> int:
        """Line of the first line of code."""
        return self.line + 1


@dataclass(frozen=True, slots=True)
class StrayFence:
    """A line that looks like a fence and is none: `kind` is "header" or "unclosed"."""

    kind: str
    text: str
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class FenceScan:
    """All fences of a text and the lines that failed to become one."""

    fences: tuple[Fence, ...]
    strays: tuple[StrayFence, ...]


class FenceScanner:
    """Scans texts with one Markdown converter (making one is the slow part)."""

    def __init__(self, converter: markdown.Markdown) -> None:
        original: Any = converter.preprocessors["fenced_code_block"]
        self._recorder = _Recorder(converter)
        self._recorder.config = original.config
        self._recorder.extension = original.extension

    def scan(self, text: str, first_line: int = 1) -> FenceScan:
        """Find the fences of `text`, whose first line is line `first_line` of its file."""
        lines = text.split("\n")
        recorder = self._recorder
        recorder.found, recorder.refused = [], set()
        recorder.run(lines)
        recorder.extension.stash.clear_stash()
        recorder.md.htmlStash.reset()
        fences = tuple(
            Fence(
                language=language,
                options=options,
                code=code,
                line=start + first_line,
                end_line=end + first_line - 1,
                column=_column(lines[start]),
            )
            for language, options, code, start, end in recorder.found
        )
        covered: set[int] = set()
        for fence in fences:
            covered.update(range(fence.line - first_line, fence.end_line - first_line + 1))
        return FenceScan(fences, tuple(self._strays(lines, covered, first_line)))

    def _strays(self, lines: Sequence[str], covered: set[int], first_line: int) -> list[StrayFence]:
        strays = []
        for index, line in enumerate(lines):
            match = _FENCE_LINE.match(line)
            if match is None or index in covered or match["fence"] in match["info"]:
                continue
            refused = line in self._recorder.refused
            kind = "header" if refused or not RE_NESTED_FENCE_START.search(line) else "unclosed"
            strays.append(StrayFence(kind, line.strip(), index + first_line, _column(line)))
        return strays


def _column(line: str) -> int:
    return len(line) - len(line.lstrip("> \t")) + 1


class _Recorder(SuperFencesBlockPreprocessor):  # type: ignore[misc]
    """SuperFences that notes each block and each refused header instead of rendering."""

    found: list[tuple[str, dict[str, str], str, int, int]]
    refused: set[str]

    def process_nested_block(self, ws: str, content: str, start: int, end: int) -> None:
        options = {name: str(value) for name, value in {**self.options, **self.attrs}.items()}
        code = self.rebuild_block(self.code)
        self.found.append((self.lang or "", options, code, start, end))
        self.clear()

    def parse_options(self, m: re.Match[str]) -> Any:
        return self._noting(m, super().parse_options(m))

    def handle_attrs(self, m: re.Match[str]) -> Any:
        return self._noting(m, super().handle_attrs(m))

    def handle_unrecognized(self, m: re.Match[str]) -> Any:
        return self._noting(m, super().handle_unrecognized(m))

    def _noting(self, match: re.Match[str], okay: Any) -> Any:
        if not okay:
            self.refused.add(match.string)
        return okay
