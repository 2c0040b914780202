"""The built site as data: every page's ids and references, read from the HTML itself."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import unquote, urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

ReferenceKind = Literal["link", "resource"]
_RESOURCE_RELS = frozenset(
    {"stylesheet", "icon", "preload", "modulepreload", "prefetch", "manifest", "preconnect"}
    | {"dns-prefetch", "apple-touch-icon", "shortcut"}
)
_REFERRING = "[href], [src], [srcset], [poster], [data], [action]"
_CSS_URL = re.compile(r"""url\(\s*['"]?(?!data:)([^'")]+)['"]?\s*\)|@import\s+['"]([^'"]+)['"]""")


@dataclass(frozen=True, slots=True)
class Reference:
    """A URL in a page or stylesheet; resources are fetched by the browser on its own."""

    kind: ReferenceKind
    url: str
    line: int


@dataclass(frozen=True, slots=True)
class BuiltPage:
    """One HTML file; `path` is relative to the site's root."""

    path: str
    html: str
    ids: tuple[str, ...]
    references: tuple[Reference, ...]


@dataclass(frozen=True, slots=True)
class BuiltSite:
    """All of a built site. `url` is where it will be published, with a trailing slash."""

    root: Path
    url: str
    pages: Mapping[str, BuiltPage]
    stylesheets: Mapping[str, tuple[Reference, ...]]
    files: frozenset[str]

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
    pages = {
        path: _page(path, (root / path).read_text(encoding="utf-8"))
        for path in sorted(files)
        if path.endswith(".html")
    }
    stylesheets = {
        path: tuple(_stylesheet((root / path).read_text(encoding="utf-8")))
        for path in sorted(files)
        if path.endswith(".css")
    }
    return BuiltSite(root, url, pages, stylesheets, files)


def _page(path: str, html: str) -> BuiltPage:
    tree = LexborHTMLParser(html)
    ids = tuple(node.attributes["id"] or "" for node in tree.css("[id]"))
    finder = _LineFinder(html)
    references = tuple(
        Reference(kind, url, finder.line(url))
        for node in tree.css(_REFERRING)
        for kind, url in _urls(node)
    )
    return BuiltPage(path, html, ids, references)


def _urls(node: LexborNode) -> Iterator[tuple[ReferenceKind, str]]:
    attributes = node.attributes
    if node.tag == "link":
        rels = set((attributes.get("rel") or "").split())
        kind: ReferenceKind = "resource" if rels & _RESOURCE_RELS else "link"
        yield kind, attributes.get("href") or ""
        return
    if "href" in attributes:
        yield ("link" if node.tag in ("a", "area") else "resource"), attributes["href"] or ""
    if "action" in attributes:
        yield "link", attributes["action"] or ""
    for name in ("src", "poster", "data"):
        if attributes.get(name):
            yield "resource", attributes[name] or ""
    for part in (attributes.get("srcset") or "").split(","):
        if part.strip():
            yield "resource", part.split()[0]


class _LineFinder:
    """Finds the lines of attribute values that come in document order."""

    def __init__(self, html: str) -> None:
        self._html = html
        self._offset = 0

    def line(self, value: str) -> int:
        quoted = value.replace("&", "&amp;")
        found = self._html.find(quoted, self._offset)
        if found < 0:
            found = max(self._html.find(quoted), 0)
        else:
            self._offset = found
        return self._html.count("\n", 0, found) + 1


def _stylesheet(css: str) -> Iterator[Reference]:
    for match in _CSS_URL.finditer(css):
        line = css.count("\n", 0, match.start()) + 1
        yield Reference("resource", match[1] or match[2], line)
