"""One built page as data: its parsed tree, its ids, and everything it refers to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from selectolax.lexbor import LexborHTMLParser, LexborNode

from guide.checks.built.script import script_requests

ReferenceKind = Literal["link", "resource"]
_RESOURCE_RELS = frozenset(
    {"stylesheet", "icon", "preload", "modulepreload", "prefetch", "manifest", "preconnect"}
    | {"dns-prefetch", "apple-touch-icon", "shortcut"}
)
_ROBOTS = 'meta[name="robots" i]'
_UNSEARCHED = (
    'meta[name="site-search"][content="exclude"], body[data-search-exclude], '
    "main[data-search-exclude], article[data-search-exclude], h1[data-search-exclude]"
)
_REFERRING = "[href], [src], [srcset], [poster], [data], [action]"
_SCRIPT_TYPES = frozenset({"", "module", "text/javascript", "application/javascript"})
_CSS_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_CSS_URL = re.compile(r"""url\(\s*['"]?(?!data:)([^'")]+)['"]?\s*\)|@import\s+['"]([^'"]+)['"]""")


@dataclass(frozen=True, slots=True)
class Reference:
    """A URL in a page, stylesheet or script; resources are fetched by the browser on its own."""

    kind: ReferenceKind
    url: str
    line: int


@dataclass(frozen=True, slots=True)
class BuiltPage:
    """One HTML file; `path` is relative to the site's root, `tree` is its only parse."""

    path: str
    html: str
    ids: tuple[str, ...]
    references: tuple[Reference, ...]
    tree: LexborHTMLParser = field(repr=False, compare=False)

    @property
    def is_content(self) -> bool:
        """Whether it is a page to read: not the error page, not a redirect stub."""
        return self.path != "404.html" and not self.tree.css_matches('meta[http-equiv="refresh" i]')

    @property
    def is_topic(self) -> bool:
        """Whether it is the page of a topic, which templates declare as an article."""
        return self.tree.css_matches('meta[property="og:type"][content="article"]')

    @property
    def is_indexed(self) -> bool:
        """Whether search engines may list it."""
        robots = (node.attributes.get("content") or "" for node in self.tree.css(_ROBOTS))
        return self.is_content and not any("noindex" in content for content in robots)

    @property
    def is_searchable(self) -> bool:
        """Whether the site's own search must find it."""
        return self.is_content and not self.tree.css_matches(_UNSEARCHED)

    @property
    def main(self) -> LexborNode | None:
        """The element that holds what the page is about."""
        return self.tree.css_first("article.md-content__inner") or self.tree.css_first("main")


def read_page(path: str, html: str) -> BuiltPage:
    """Parse the page at `path`, relative to the site's root."""
    tree = LexborHTMLParser(html)
    ids = tuple(node.attributes["id"] or "" for node in tree.css("[id]"))
    references = (*_element_references(tree, html), *_inline_references(tree, html))
    return BuiltPage(path, html, ids, references, tree)


def stylesheet_references(css: str) -> Iterator[Reference]:
    """Yield what a stylesheet fetches; URLs in its comments are no requests."""
    css = _CSS_COMMENT.sub(lambda comment: "\n" * comment[0].count("\n"), css)
    for match in _CSS_URL.finditer(css):
        line = css.count("\n", 0, match.start()) + 1
        yield Reference("resource", (match[1] or match[2]).strip(), line)


def script_references(code: str) -> Iterator[Reference]:
    """Yield what a script fetches by a literal URL."""
    for request in script_requests(code):
        yield Reference("resource", request.url, request.line)


def _element_references(tree: LexborHTMLParser, html: str) -> Iterator[Reference]:
    finder = _LineFinder(html)
    for node in tree.css(_REFERRING):
        for kind, url in _urls(node):
            yield Reference(kind, url, finder.line(url))


def _inline_references(tree: LexborHTMLParser, html: str) -> Iterator[Reference]:
    finder = _LineFinder(html)
    for node in tree.css("[style]"):
        for each in stylesheet_references(node.attributes["style"] or ""):
            yield Reference(each.kind, each.url, finder.line(each.url))
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
            yield Reference(each.kind, each.url, before + each.line)


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
