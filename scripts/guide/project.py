"""Load a project the way every command sees it: written pages plus generated ones."""

from __future__ import annotations

from pathlib import Path

from guide import indexes
from guide.library import Library, add_generated, read_library

CACHE = ".cache"
SITE = "site"


def load(root: Path) -> Library:
    """Read the project at `root` and add its generated pages."""
    library = read_library(root)
    return add_generated(library, indexes.generate(library))
