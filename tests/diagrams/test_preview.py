from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

from guide import site
from guide.diagrams.fence import PREVIEW
from guide.diagrams.preview import PREVIEW_SCRIPT, install_preview_script


def test_the_script_is_installed_once_and_repaired_when_it_differs(tmp_path: Path):
    path = install_preview_script(tmp_path)
    assert path == tmp_path / PREVIEW_SCRIPT
    script = path.read_bytes()
    assert b'globalThis["mermaid"] = ' in script
    before = path.stat().st_mtime_ns
    install_preview_script(tmp_path)
    assert path.stat().st_mtime_ns == before
    path.write_bytes(script[:100])
    install_preview_script(tmp_path)
    assert path.read_bytes() == script
    assert [file.name for file in path.parent.iterdir()] == ["mermaid.js"]


class _Plugins(dict[str, Any]):
    """The plugins of a build: one that reads finished pages, to draw what is marked in them."""

    def __init__(self, read: Any) -> None:
        super().__init__(mermaid2=SimpleNamespace(on_post_page=read))
        self.events = {"post_page": [read]}


def test_a_page_that_has_nothing_to_draw_is_not_taken_apart_for_the_word_alone() -> None:
    taken = []
    plugins = _Plugins(lambda output, **about: taken.append(output))

    site.spare_drawn_pages(SimpleNamespace(plugins=plugins))
    (read,) = plugins.events["post_page"]

    assert read("<p>Drawn by mermaid.</p>", page=None) == "<p>Drawn by mermaid.</p>"
    assert taken == []
    read(f"<pre class='{PREVIEW}'>", page=None)
    assert taken == [f"<pre class='{PREVIEW}'>"]
