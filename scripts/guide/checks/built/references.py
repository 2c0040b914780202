"""Everything that a page, stylesheet or script refers to, with the line where it does."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple

from selectolax.lexbor import LexborHTMLParser, LexborNode

from guide.checks.built.address import Target, resolve
from guide.checks.built.script import script_requests

ReferenceKind = Literal["link", "resource"]
_RESOURCE_RELS = frozenset(
    {"stylesheet", "icon", "preload", "modulepreload", "prefetch", "manifest", "preconnect"}
    | {"dns-prefetch", "apple-touch-icon", "shortcut"}
)
_REFERRING = "[href], [src], [srcset], [poster], [data], [action]"
_SCRIPT_TYPES = frozenset({"", "module", "text/javascript", "application/javascript"})
_CSS_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_CSS_URL = re.compile(r"""url\(\s*['"]?(?!data:)([^'")]+)['"]?\s*\)|@import\s+['"]([^'"]+)['"]""")


class Found(NamedTuple):
    """A URL in a page, stylesheet or script; resources are fetched by the browser on its own."""

    kind: ReferenceKind
    url: str
    line: int


class Reference(NamedTuple):
    """Such a URL and where it leads: see `resolve`. A site has many: tuples are read fastest."""

    kind: ReferenceKind
    url: str
    line: int
    target: Target | None


def resolved(site: str, origin: str, found: Iterable[Found]) -> tuple[Reference, ...]:
    """The URLs `found` in the file `origin` of the site at `site`, with where they lead."""
    return tuple(Reference(*each, resolve(site, origin, each.url)) for each in found)


def page_references(tree: LexborHTMLParser, html: str) -> Iterator[Found]:
    """Yield what the page `html`, parsed as `tree`, links to and fetches."""
    yield from _element_references(tree, html)
    yield from _inline_references(tree, html)


def stylesheet_references(css: str) -> Iterator[Found]:
    """Yield what a stylesheet fetches; URLs in its comments are no requests."""
    css = _CSS_COMMENT.sub(lambda comment: "\n" * comment[0].count("\n"), css)
    for match in _CSS_URL.finditer(css):
        line = css.count("\n", 0, match.start()) + 1
        yield Found("resource", (match[1] or match[2]).strip(), line)


def script_references(code: str) -> Iterator[Found]:
    """Yield what a script fetches by a literal URL."""
    for request in script_requests(code):
        yield Found("resource", request.url, request.line)


def _element_references(tree: LexborHTMLParser, html: str) -> Iterator[Found]:
    finder = _LineFinder(html)
    for node in tree.css(_REFERRING):
        for kind, url in _urls(node):
            yield Found(kind, url, finder.line(url))


def _inline_references(tree: LexborHTMLParser, html: str) -> Iterator[Found]:
    finder = _LineFinder(html)
    for node in tree.css("[style]"):
        for each in stylesheet_references(node.attributes["style"] or ""):
            yield Found(each.kind, each.url, finder.line(each.url))
    for node in tree.css("style, script:not([src])"):
        code = node.text()
        if node.tag == "style":
            found = list(stylesheet_references(code))
        elif (node.attributes.get("type") or "").lower() in _SCRIPT_TYPES:
            found = list(script_references(code))
        else:
            continue
        for each in found:
            # Such text stands in the file as it is: nothing in it is escaped.
            before = html.count("\n", 0, max(html.find(code), 0))
            yield Found(each.kind, each.url, before + each.line)


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
        self._line = 1

    def line(self, value: str) -> int:
        quoted = value.replace("&", "&amp;")
        found = self._html.find(quoted, self._offset)
        if found < 0:
            return self._html.count("\n", 0, max(self._html.find(quoted), 0)) + 1
        self._line += self._html.count("\n", self._offset, found)
        self._offset = found
        return self._line
