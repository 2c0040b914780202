"""Every page passes axe and fits its window; the page's address chooses scheme and width.

So every page there is has been opened once: what it asks of another host, or does against its
policy, fails here, too (see `refused`).
"""

from __future__ import annotations

import zlib

import pytest

from axe import violations

PARTS = 8
"""So many tests share the pages, for workers to share the tests."""


def window_of(path):
    """The width and the color scheme in which a page is looked at."""
    choice = zlib.crc32(path.encode())
    return (360, 1280)[choice % 2], ("light", "dark")[choice // 2 % 2]


@pytest.mark.parametrize("part", range(PARTS))
def test_every_page_passes_axe_and_never_scrolls_sideways(visit, built_site, part):
    files = sorted(
        file.relative_to(built_site.folder) for file in built_site.folder.rglob("*.html")
    )
    assert len(files) > 200
    paths = [f"/{file.as_posix()}".removesuffix("index.html") for file in files]
    wrong = {}
    # Those of one width and scheme after each other: so the window changes least.
    for (width, scheme), path in sorted((window_of(path), path) for path in paths[part::PARTS]):
        page = visit(path, width=width, scheme=scheme)
        found = violations(page)
        if page.evaluate("document.documentElement.scrollWidth") != width:
            found.append(("scrolls sideways", ["html"]))
        if found:
            wrong[f"{path} ({scheme}, {width} px)"] = found
    assert wrong == {}
