"""Make the site's own scripts and style sheets smaller: no comments, no needless blanks.

Names stay: the minifiers from pip that shorten them changed what a script does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from rcssmin import cssmin
from rjsmin import jsmin

_MINIFIERS: Mapping[str, Callable[[str], str | bytes]] = {".js": jsmin, ".css": cssmin}


def minify(site: Path, files: Iterable[str]) -> None:
    """Minify the scripts and style sheets among `files`, paths below `site`, in place."""
    for name in sorted(files):
        path = site / name
        if path.suffix in _MINIFIERS and path.is_file():
            text = path.read_text(encoding="utf-8")
            path.write_text(str(_MINIFIERS[path.suffix](text)), encoding="utf-8")
