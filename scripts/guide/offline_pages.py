"""Which pages devices keep: those of the learning tools always, those of an area on request."""

from __future__ import annotations

from guide.library import Library


def tool_files(library: Library) -> list[str]:
    """Built files of the pages that hold a learning tool."""
    return sorted(
        _built(page.path)
        for page in library.pages.values()
        if page.is_published and page.meta is not None and page.meta.tool
    )


def area_files(library: Library) -> dict[str, list[str]]:
    """Built files of each area: its index, then its topics."""
    return {
        area.id: [
            f"{area.id}/index.html",
            *(_built(page.path) for page in library.topics_by_area[area.id]),
        ]
        for area in library.curriculum.areas
    }


def _built(path: str) -> str:
    """ "a/b.md" -> "a/b/index.html", "a/index.md" -> "a/index.html"."""
    return f"{path.removesuffix('.md').removesuffix('index').rstrip('/')}/index.html"
