"""Where each line of the document stands now: page and anchor."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from guide.intake.model import Block, DraftPage, Section
from guide.intake.reading.markdown import plain_title
from guide.intake.slugs import heading_slug


@dataclass(frozen=True, slots=True, order=True)
class _Span:
    line: int
    end_line: int
    place: str


class Places:
    """Finds the place of a line; keep one for all lines of a document."""

    def __init__(self, pages: Iterable[DraftPage], folder: str) -> None:
        """Read where things stand; `folder` is that of the pages, relative to docs/."""
        spans = [span for page in pages for span in _spans(page.root, f"{folder}/{page.name}")]
        self._spans = sorted(spans)
        self._starts = [span.line for span in self._spans]

    def at(self, line: int) -> str | None:
        """The place (`intake/notes/basics#anchor`) of what stands on `line`; None if nowhere."""
        for index in range(bisect_right(self._starts, line) - 1, -1, -1):
            if self._spans[index].end_line >= line:
                return self._spans[index].place
        return None


def _spans(section: Section, page: str) -> Iterator[_Span]:
    anchor = section.id or heading_slug(plain_title(section.title))
    place = f"{page}#{anchor}"
    if section.heading:
        yield _Span(section.line, section.line, place)
    for each in section.content:
        if isinstance(each, Block):
            yield _Span(each.line, each.end_line, place)
        else:
            yield from _spans(each, page)
