"""The fence formatter: puts a diagram's drawing into the page."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import markdown

from guide.diagrams.cache import DiagramCache
from guide.diagrams.render import render_diagrams
from guide.diagrams.svg import with_ids
from guide.library.diagram_text import describe


class DiagramDrawingError(ValueError):
    """A published page holds a diagram that cannot be drawn."""


class DiagramFormatter:
    """A custom fence of SuperFences.

    Published pages get static SVG, drawn on the spot if it is not in the cache. With
    `preview`, an uncached diagram is left as text for mkdocs-mermaid2-plugin, which lets the
    browser draw it: an author sees an edit at once.
    """

    def __init__(self, cache_folder: Path, preview: bool = False) -> None:
        self._folder = cache_folder
        self._preview = preview
        self._counts: WeakKeyDictionary[markdown.Markdown, int] = WeakKeyDictionary()
        self.__name__ = "diagram"

    def __call__(
        self,
        source: str,
        language: str,
        class_name: str,
        options: dict[str, Any],
        md: markdown.Markdown,
        **_: Any,
    ) -> str:
        """Return the HTML of one diagram; raises DiagramDrawingError if it cannot be drawn."""
        svg = DiagramCache(self._folder).get(source)
        if svg is None and self._preview:
            return f'<pre><code class="mermaid">{escape(source, quote=False)}</code></pre>'
        if svg is None:
            drawn = render_diagrams([source], self._folder)[source]
            if drawn.error is not None:
                raise DiagramDrawingError(drawn.error.message)
            svg = drawn.svg
        return _figure(svg, describe(source).title, self._next_number(md))

    def _next_number(self, md: markdown.Markdown) -> int:
        """Number diagrams page by page: every page has a converter of its own."""
        number = self._counts.get(md, 0) + 1
        self._counts[md] = number
        return number


def _figure(svg: str, title: str, number: int) -> str:
    name = escape(title or "Diagram")
    return (
        '<figure class="diagram" data-search-exclude>'
        f'<div class="diagram__scroll" tabindex="0" role="region" aria-label="Diagram: {name}">'
        f"{with_ids(svg, f'diagram-{number}-')}</div>"
        f"<figcaption>{name}</figcaption></figure>"
    )
