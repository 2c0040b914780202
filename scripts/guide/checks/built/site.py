"""The built site as data: every page, stylesheet and script, each read once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

from guide.checks.built.page import (
    BuiltPage,
    Reference,
    read_page,
    script_references,
    stylesheet_references,
)


@dataclass(frozen=True, slots=True)
class BuiltSite:
    """All of a built site. `url` is where it will be published, with a trailing slash."""

    root: Path
    url: str
    pages: Mapping[str, BuiltPage]
    stylesheets: Mapping[str, tuple[Reference, ...]]
    scripts: Mapping[str, tuple[Reference, ...]]
    files: frozenset[str]

    def origins(self) -> Iterator[tuple[str, tuple[Reference, ...]]]:
        """Yield every file that refers to others, with its references."""
        yield from ((page.path, page.references) for page in self.pages.values())
        yield from self.stylesheets.items()
        yield from self.scripts.items()

    def resolve(self, origin: str, url: str) -> tuple[str, str] | None:
        """File and anchor that `url` on the file `origin` leads to; None if it is elsewhere.

        A URL on the same host but outside the site leads to a path that starts with "/".
        """
        joined = urljoin(self.url + origin, url)
        path, _, anchor = joined.partition("#")
        path = path.partition("?")[0]
        if not path.startswith(self.url):
            ours, theirs = urlsplit(self.url), urlsplit(path)
            if (theirs.scheme, theirs.netloc) != (ours.scheme, ours.netloc):
                return None
            return theirs.path or "/", ""
        path = unquote(path.removeprefix(self.url))
        if not path or path.endswith("/"):
            path += "index.html"
        return path, unquote(anchor)


def read_built_site(root: Path, url: str) -> BuiltSite:
    """Read the site built in `root`, to be published at `url`."""
    files = frozenset(
        file.relative_to(root).as_posix() for file in root.rglob("*") if file.is_file()
    )
    texts = {
        path: (root / path).read_text(encoding="utf-8")
        for path in sorted(files)
        if path.endswith((".html", ".css", ".js"))
    }
    return BuiltSite(
        root,
        url,
        {path: read_page(path, text) for path, text in texts.items() if path.endswith(".html")},
        {
            path: tuple(stylesheet_references(text))
            for path, text in texts.items()
            if path.endswith(".css")
        },
        {
            path: tuple(script_references(text))
            for path, text in texts.items()
            if path.endswith(".js")
        },
        files,
    )
