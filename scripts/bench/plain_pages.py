"""Built pages of the guide as plain Markdown that any generator reads.

Taken from the built site, so that included code, answers and badges are there as text. Diagrams
become what they say, and links to other pages their words: no generator has more to draw or to
resolve than another.
"""

from __future__ import annotations

import gzip
import html
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from markdownify import MarkdownConverter
from selectolax.lexbor import LexborHTMLParser, LexborNode

from workspace import BenchError

_TOPIC = "meta[property='og:type'][content=article]"
_LEFT_OUT = ".headerlink, .topic-facts, .topic-end, .example-badge, script, .moved"
_LABELS = ".tabbed-labels, .tabbed-set > input"


@dataclass(frozen=True, slots=True)
class PlainPage:
    """A page by its name in the address, `area-topic`, with its title and its Markdown below it."""

    name: str
    title: str
    body: str


def topic_pages(site: Path) -> list[str]:
    """Addresses of all topic pages of the built `site`, lightest first."""
    weights = {}
    for file in site.glob("*/*/index.html"):
        content = file.read_bytes()
        if LexborHTMLParser(content).css_first(_TOPIC) is not None:
            weights[f"{file.parent.relative_to(site).as_posix()}/"] = len(gzip.compress(content))
    if not weights:
        raise BenchError(f"there is no topic page in {site}: build the guide first")
    return sorted(weights, key=lambda address: (weights[address], address))


def around_the_median(addresses: Sequence[str], number: int) -> list[str]:
    """The median one of `addresses`, then its neighbors on both sides."""
    middle = len(addresses) // 2
    by_distance = sorted(range(len(addresses)), key=lambda index: (abs(index - middle), index))
    return [addresses[index] for index in by_distance[:number]]


def plain_page(site: Path, address: str) -> PlainPage:
    """The page at `address` of the built `site`."""
    tree = LexborHTMLParser((site / address / "index.html").read_bytes())
    article, heading = tree.css_first("article"), tree.css_first("article h1")
    if article is None or heading is None:
        raise BenchError(f"{address} has no article with a heading: is it a page of the guide?")
    for node in article.css(f"{_LEFT_OUT}, {_LABELS}"):
        node.decompose()
    title = heading.text().strip()
    heading.decompose()
    for figure in article.css("figure.diagram"):
        _say(figure, " ".join(each.text() for each in figure.css("title, desc")))
    for link in article.css("a"):
        if "://" not in (link.attributes.get("href") or ""):
            link.unwrap()
    name = address.strip("/").replace("/", "-")
    return PlainPage(name, title, _converter().convert(article.html or "").strip() + "\n")


def _say(node: LexborNode, text: str) -> None:
    node.insert_before(text)
    node.decompose()


class _Converter(MarkdownConverter):  # type: ignore[misc]
    """Text stays text: a "<" in prose is no tag, whoever reads it."""

    def escape(self, text: str, parent_tags: Collection[str]) -> str:
        return html.escape(super().escape(text, parent_tags), quote=False)


def _converter() -> _Converter:
    return _Converter(
        heading_style="ATX",
        bullets="-",
        code_language_callback=lambda pre: _language(pre.parent.get("class") or []),
    )


def _language(classes: Sequence[str]) -> str:
    named = [each.removeprefix("language-") for each in classes if each.startswith("language-")]
    return named[0] if named else ""
