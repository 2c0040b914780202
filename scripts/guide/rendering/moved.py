"""Anchors that moved: a line at the end of the page that leads on, with or without a script."""

from __future__ import annotations

import html
import posixpath

from guide.library import Library


def moved_anchors(library: Library, path: str, url: str) -> str:
    """HTML for the ids that left the page `path`; empty if none did.

    `url` is the address of the page relative to the site's root, as `http/http-methods/`.
    """
    lines = []
    for redirect in library.redirects:
        page, _, anchor = redirect.old.partition("#")
        if page == path and anchor:
            target, _, place = redirect.new.partition("#")
            title = library.pages[target].title if target in library.pages else target
            link = _relative(target, url) + (f"#{place}" if place else "")
            lines.append(
                f'<li id="{html.escape(anchor)}">This part moved: '
                f'<a href="{html.escape(link)}">{html.escape(title)}</a></li>'
            )
    return f'<ul class="moved">{"".join(lines)}</ul>' if lines else ""


def _relative(path: str, url: str) -> str:
    """Address of the page `path` as seen from `url`."""
    target = path.removesuffix(".md").removesuffix("index")
    address = posixpath.relpath(target or ".", url or ".")
    return f"{address}/" if address != "." else "./"
