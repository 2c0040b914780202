"""Which file of the site a URL leads to."""

from __future__ import annotations

from urllib.parse import unquote, urljoin, urlsplit

Target = tuple[str, str]
"""A file and an anchor; a file outside the site, but on its host, starts with "/"."""


def resolve(site: str, origin: str, url: str) -> Target | None:
    """Where `url` leads from the file `origin` of the site at `site`; None if to another host."""
    joined = urljoin(site + origin, url)
    path, _, anchor = joined.partition("#")
    path = path.partition("?")[0]
    if not path.startswith(site):
        ours, theirs = urlsplit(site), urlsplit(path)
        if (theirs.scheme, theirs.netloc) != (ours.scheme, ours.netloc):
            return None
        return theirs.path or "/", ""
    path = unquote(path.removeprefix(site))
    if not path or path.endswith("/"):
        path += "index.html"
    return path, unquote(anchor)
