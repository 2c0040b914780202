"""Mermaid's own script for the live preview, taken from the installed wheel, never from a CDN."""

from __future__ import annotations

import contextlib
import os
import tempfile
from importlib.resources import files
from pathlib import Path

PREVIEW_SCRIPT = "assets/preview/mermaid.js"
"""Where the script goes, below docs/. It is neither committed nor published."""


def install_preview_script(docs: Path) -> Path:
    """Put the script below `docs` unless it is there already; return its path.

    Raises OSError if it cannot be written.
    """
    target = docs / PREVIEW_SCRIPT
    script = files("mermaidx").joinpath("assets", "mermaid.js").read_bytes()
    with contextlib.suppress(OSError):
        if target.read_bytes() == script:
            return target
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=target.parent, suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(script)
        Path(temporary).replace(target)
    except OSError:
        Path(temporary).unlink(missing_ok=True)
        raise
    return target
