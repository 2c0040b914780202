"""The fence formatter: a `mermaid` fence becomes a figure with a static SVG."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import markdown

from guide.diagrams.cache import DiagramCache
from guide.diagrams.engine import DiagramError, draw
from guide.diagrams.svg import escape, readable_alone, with_ids
from guide.library.diagram_text import describe

PREVIEW = '<code class="mermaid">'
"""What a diagram begins with that is not drawn yet: the live-preview plugin does it."""
Report = Callable[[str], None]
_log = logging.getLogger(__name__)


class DiagramFormatter:
    """A custom fence formatter for `pymdownx.superfences`.

    Drawings come from `cache` (a directory). One that is missing is drawn on the spot and
    kept; with `preview` it becomes instead the code block that the live-preview plugin draws
    in the browser. A diagram that cannot be drawn is shown as its source with the reason,
    and told to `report`.
    """

    __name__ = "diagram"
    """The live-preview plugin reads the name of every formatter."""

    def __init__(self, cache: Path, *, preview: bool = False, report: Report | None = None) -> None:
        self._cache = DiagramCache(cache)
        self._preview = preview
        self._report = report or _log.error
        self._complaint = ""

    def __call__(
        self,
        source: str,
        language: str,
        class_name: str,
        options: Mapping[str, Any],
        md: markdown.Markdown,
        **kwargs: Any,
    ) -> str:
        """Return the HTML of one diagram."""
        svg = self._cache.get(source)
        if svg is None and self._preview:
            return f"<pre>{PREVIEW}{_plain(source)}</code></pre>"
        if svg is None:
            drawn = self._draw(source)
            if isinstance(drawn, DiagramError):
                return self._failure(source, drawn)
            svg = drawn
        return _figure(svg, describe(source).title or "Diagram", _page_of(md))

    def _draw(self, source: str) -> str | DiagramError:
        drawn = draw(source)
        if drawn.error is not None:
            return drawn.error
        complaint = self._cache.put(source, drawn.svg)
        if complaint and complaint != self._complaint:
            _log.warning(complaint)
        self._complaint = complaint
        return drawn.svg

    def _failure(self, source: str, error: DiagramError) -> str:
        title = describe(source).title
        name = f'the diagram "{title}"' if title else "a diagram"
        place = f", line {error.line} of it" if error.line else ""
        self._report(f"{name} cannot be drawn{place}: {error.message}")
        return (
            '<figure class="diagram diagram__error" data-search-exclude>'
            f"<pre><code>{escape(source)}</code></pre>"
            f"<figcaption>This diagram cannot be drawn{place}: {escape(error.message)}</figcaption>"
            "</figure>"
        )


class _Page:
    """Numbers the diagrams of one conversion; Markdown's reset starts the next one."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self.count = 0
        self.titles: Counter[str] = Counter()


def _page_of(md: markdown.Markdown) -> _Page:
    for extension in md.registeredExtensions:
        if isinstance(extension, _Page):
            return extension
    page = _Page()
    md.registerExtension(page)  # type: ignore[arg-type]  # all it needs is reset()
    return page


def _figure(svg: str, title: str, page: _Page) -> str:
    page.count += 1
    page.titles[title] += 1
    # Tab stops of one page need names of their own. The caption repeats the name of the drawing.
    label = title if page.titles[title] == 1 else f"{title} ({page.titles[title]})"
    return (
        '<figure class="diagram">'
        '<div class="diagram__scroll" role="group" tabindex="0"'
        f' aria-label="{escape(label)}" data-search-exclude>'
        f"{with_ids(readable_alone(svg), f'diagram-{page.count}-')}</div>"
        f'<figcaption aria-hidden="true">{escape(title)}</figcaption></figure>'
    )


def _plain(source: str) -> str:
    return source.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
