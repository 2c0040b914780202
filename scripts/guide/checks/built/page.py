"""One built page: what it says about itself, and its parsed tree where a rule has to look."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from selectolax.lexbor import LexborHTMLParser, LexborNode

from guide.checks.built.compressed import compressed_size
from guide.checks.built.references import Reference, page_references, resolved

_UNSEARCHED = (
    'meta[name="site-search"][content="exclude"], body[data-search-exclude], '
    "main[data-search-exclude], article[data-search-exclude], h1[data-search-exclude]"
)


@dataclass(frozen=True, slots=True)
class PageFacts:
    """What rules about the whole site ask of a page. It is kept as long as the page is the same.

    `metas` are the contents of its meta elements by name, `links` the targets of its link
    elements by relation; `weight` is the compressed size of its file.
    """

    ids: tuple[str, ...]
    references: tuple[Reference, ...]
    metas: Mapping[str, tuple[str, ...]]
    links: Mapping[str, tuple[str, ...]]
    titles: tuple[str, ...]
    headings: int
    unsearched: bool
    weight: int


@dataclass(frozen=True)
class BuiltPage:
    """One HTML file of the site; `path` is relative to the site's root.

    Its text and its tree are read when first asked for and then kept: a rule that looks at every
    tree is a rule about a page, not about the site.
    """

    file: Path
    path: str
    facts: PageFacts

    @cached_property
    def html(self) -> str:
        """The text of the file."""
        return self.file.read_text(encoding="utf-8")

    @cached_property
    def tree(self) -> LexborHTMLParser:
        """The page as browsers see it."""
        return LexborHTMLParser(self.html)

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of its elements, in their order."""
        return self.facts.ids

    @property
    def references(self) -> tuple[Reference, ...]:
        """Everything it refers to."""
        return self.facts.references

    @property
    def is_content(self) -> bool:
        """Whether it is a page to read: not the error page, not a redirect stub."""
        return self.path != "404.html" and "refresh" not in self.facts.metas

    @property
    def is_topic(self) -> bool:
        """Whether it is the page of a topic, which templates declare as an article."""
        return "article" in self.facts.metas.get("og:type", ())

    @property
    def is_indexed(self) -> bool:
        """Whether search engines may list it."""
        robots = self.facts.metas.get("robots", ())
        return self.is_content and not any("noindex" in content for content in robots)

    @property
    def is_searchable(self) -> bool:
        """Whether the site's own search must find it."""
        return self.is_content and not self.facts.unsearched

    @property
    def main(self) -> LexborNode | None:
        """The element that holds what the page is about."""
        return self.tree.css_first("article.md-content__inner") or self.tree.css_first("main")


def read_page(root: Path, site: str, path: str) -> BuiltPage:
    """Read the page at `path` below `root`; the site in there will be published at `site`."""
    html = (root / path).read_text(encoding="utf-8")
    tree = LexborHTMLParser(html)
    return BuiltPage(root / path, path, _facts(tree, html, site, path))


def _facts(tree: LexborHTMLParser, html: str, site: str, path: str) -> PageFacts:
    return PageFacts(
        ids=tuple(node.attributes["id"] or "" for node in tree.css("[id]")),
        references=resolved(site, path, page_references(tree, html)),
        metas=_gathered(tree, "meta", ("name", "property", "http-equiv"), "content"),
        links=_gathered(tree, "link", ("rel",), "href"),
        titles=tuple(node.text() for node in tree.css("head > title")),
        headings=len(tree.css("h1")),
        unsearched=tree.css_matches(_UNSEARCHED),
        weight=compressed_size(html.encode()),
    )


def _gathered(
    tree: LexborHTMLParser, tag: str, names: tuple[str, ...], value: str
) -> dict[str, tuple[str, ...]]:
    """Values of the elements `tag` by what one of the attributes `names` calls them."""
    found: dict[str, tuple[str, ...]] = {}
    for node in tree.css(tag):
        for attribute in names:
            for name in (node.attributes.get(attribute) or "").lower().split():
                found[name] = (*found.get(name, ()), node.attributes.get(value) or "")
    return found
