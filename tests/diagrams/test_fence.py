from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import markdown
import pytest

from guide.diagrams.cache import DiagramCache
from guide.diagrams.fence import DiagramFormatter

SOURCE = "flowchart TD\n  accTitle: Reads & writes\n  A --> B"
SVG = (
    '<svg aria-labelledby="t"><title id="t">Reads</title>'
    '<path marker-end="url(#m1)"/><marker id="m1"/></svg>'
)
FENCE = f"```mermaid\n{SOURCE}\n```\n"


def converter(formatter: DiagramFormatter) -> markdown.Markdown:
    fence = {"name": "mermaid", "class": "diagram", "format": formatter}
    return markdown.Markdown(
        extensions=["pymdownx.superfences"],
        extension_configs={"pymdownx.superfences": {"custom_fences": [fence]}},
    )


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    """A cache that holds the drawing of SOURCE."""
    assert DiagramCache(tmp_path).put(SOURCE, SVG) == ""
    return tmp_path


def test_a_fence_becomes_a_figure_that_scrolls_by_keyboard(cache: Path):
    html = converter(DiagramFormatter(cache)).convert(FENCE)
    assert html == (
        '<figure class="diagram"><div class="diagram__scroll" role="group" tabindex="0"'
        ' aria-label="Reads &amp; writes" data-search-exclude>'
        '<svg fill="none" stroke="currentColor" aria-labelledby="diagram-1-t">'
        '<title id="diagram-1-t">Reads</title>'
        '<path marker-end="url(#diagram-1-m1)"/><marker id="diagram-1-m1"/></svg></div>'
        '<figcaption aria-hidden="true">Reads &amp; writes</figcaption></figure>'
    )


def test_the_same_diagram_twice_on_a_page_shares_no_id_and_no_name(cache: Path):
    html = converter(DiagramFormatter(cache)).convert(f"{FENCE}\n{FENCE}")
    ids = re.findall(r' id="([^"]+)"', html)
    assert ids == ["diagram-1-t", "diagram-1-m1", "diagram-2-t", "diagram-2-m1"]
    assert re.findall(r'aria-label="([^"]+)"', html) == [
        "Reads &amp; writes",
        "Reads &amp; writes (2)",
    ]


def test_every_page_counts_from_one(cache: Path):
    formatter = DiagramFormatter(cache)
    first = converter(formatter)
    html = first.convert(FENCE)
    assert first.reset().convert(FENCE) == html
    assert converter(formatter).convert(FENCE) == html


def test_a_missing_diagram_is_drawn_on_the_spot_and_kept(tmp_path: Path):
    html = converter(DiagramFormatter(tmp_path)).convert(FENCE)
    assert "<svg " in html
    assert DiagramCache(tmp_path).get(SOURCE) is not None


def test_a_preview_leaves_a_missing_diagram_to_the_browser(tmp_path: Path):
    source = 'flowchart TD\n  A["a < b & c"] --> B'
    html = converter(DiagramFormatter(tmp_path, preview=True)).convert(f"```mermaid\n{source}\n```")
    assert html.startswith('<pre><code class="mermaid">flowchart TD')
    code = re.search(r"<code[^>]*>(.*)</code>", html, re.DOTALL)
    assert code is not None
    assert "<" not in code[1]
    assert unescape(code[1]) == source


def test_a_preview_shows_what_the_cache_holds_as_published(cache: Path):
    published = converter(DiagramFormatter(cache)).convert(FENCE)
    assert converter(DiagramFormatter(cache, preview=True)).convert(FENCE) == published


def test_a_broken_diagram_shows_its_source_and_is_reported(tmp_path: Path):
    reports: list[str] = []
    formatter = DiagramFormatter(tmp_path, report=reports.append)
    html = converter(formatter).convert("```mermaid\nflowcart TD\n  accTitle: T<\n```\n\nAfter.")
    reason = "`flowcart` is not a kind of diagram"
    assert reports == [f'the diagram "T<" cannot be drawn, line 1 of it: {reason}']
    assert "<pre><code>flowcart TD\n  accTitle: T&lt;</code></pre>" in html
    assert f"This diagram cannot be drawn, line 1 of it: {reason}" in html
    assert html.endswith("<p>After.</p>")


def test_published_html_never_names_the_plugin(tmp_path: Path):
    source = '```mermaid\npie\n  accTitle: Why Mermaid\n  "Mermaid" : 1\n```'
    assert "mermaid" not in converter(DiagramFormatter(tmp_path)).convert(source).lower()
