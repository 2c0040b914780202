"""Make the site's own scripts and style sheets smaller: same meaning, no comments, short names."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path

_TYPES = {".js": "application/javascript", ".css": "text/css"}


def minify(site: Path, files: Iterable[str]) -> None:
    """Minify the scripts and style sheets among `files`, paths below `site`, in place.

    There is no wheel of the minifier for Macs with ARM: there, files stay as they are.
    """
    if find_spec("minify") is None:
        return
    from minify import string  # loads a library of its own

    for name in sorted(files):
        path = site / name
        if path.suffix in _TYPES and path.is_file():
            text = path.read_text(encoding="utf-8")
            path.write_text(string(_TYPES[path.suffix], text), encoding="utf-8")
