"""The script that draws previews, taken from the installed mermaidx: no download, no CDN."""

from __future__ import annotations

import os
from importlib.resources import files
from pathlib import Path

PREVIEW_SCRIPT = "assets/preview/mermaid.js"
"""Where mkdocs-mermaid2-plugin finds it, relative to docs/ (its `javascript` option)."""


def install_preview_script(docs: Path) -> Path:
    """Put the script under `docs` unless it is there already; return its path."""
    script = files("mermaidx").joinpath("assets/mermaid.js").read_bytes()
    target = docs / PREVIEW_SCRIPT
    if target.is_file() and target.read_bytes() == script:
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_suffix(".new")
    temporary.write_bytes(script)
    os.replace(temporary, target)
    return target
