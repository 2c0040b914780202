"""Load a project the way every command sees it: written pages plus generated ones."""

from __future__ import annotations

from pathlib import Path

from guide import indexes
from guide.keeping import cache_folder
from guide.library import Library, add_generated, read_library
from guide.library.memo import Memo

SITE = "site"


def load(root: Path) -> Library:
    """Read the project at `root` and add its generated pages.

    `library.memo.save()` lets the next run skip what did not change.
    """
    library = read_library(root, Memo(cache_folder(root) / "memo"))
    return add_generated(library, indexes.generate(library))
