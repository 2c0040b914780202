"""HTML of a page, cut down to what a card can show anywhere.

What is not known to be content goes: controls, anchors for the mouse, scripts, ids, classes of
the theme. Its text stays. Tabs become their panels one after the other, each under its name.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Iterator
from urllib.parse import urljoin

from selectolax.lexbor import LexborNode

_KEPT: dict[str, frozenset[str]] = {
    **dict.fromkeys(
        "b blockquote br caption dd del details div dl dt em figcaption figure h4 h5 h6 hr i ins "
        "kbd li mark p pre s small strong sub summary sup table tbody thead tr ul var".split(),
        frozenset[str](),
    ),
    "a": frozenset({"href"}),
    "abbr": frozenset({"title"}),
    "code": frozenset({"class"}),
    "img": frozenset({"src", "alt"}),
    "ol": frozenset({"type", "start"}),
    "span": frozenset({"class"}),
    "td": frozenset({"class"}),
    "th": frozenset({"class", "scope"}),
}
"""Elements that a card shows, with the attributes they keep."""
_DROPPED = frozenset("button input label script style template".split())
_VOID = frozenset({"br", "hr", "img"})
_ADDRESSES = frozenset({"href", "src"})
MEDIA = "media:"
"""Starts the address of an image that travels with the cards; only its name is written."""


def clean(nodes: Iterable[LexborNode], base: str) -> str:
    """HTML of `nodes` with every address absolute, as seen from the page at `base`."""
    return "".join(_node(node, base) for node in nodes).strip()


def inner(node: LexborNode) -> Iterator[LexborNode]:
    """The child nodes of an element, texts included."""
    return node.iter(include_text=True)


def classes(node: LexborNode) -> list[str]:
    """The classes of an element."""
    return (node.attributes.get("class") or "").split()


def _node(node: LexborNode, base: str) -> str:
    if node.is_text_node:
        return html.escape(node.text_content or "", quote=False)
    name, named = node.tag or "", classes(node)
    if name.startswith(("-", "!")) or name in _DROPPED or "headerlink" in named:
        return ""
    if "tabbed-set" in named:
        return _tabs(node, base)
    if "filename" in named:
        return f'<div class="filename">{_children(node, base)}</div>'
    inside = _children(node, base)
    if name not in _KEPT or (name == "span" and (not inside or not named)):
        return inside
    if name == "div":
        return f'<div class="highlight">{inside}</div>' if "highlight" in named else inside
    attributes = "".join(_attributes(node, name, base))
    return f"<{name}{attributes}>" if name in _VOID else f"<{name}{attributes}>{inside}</{name}>"


def _children(node: LexborNode, base: str) -> str:
    return "".join(_node(child, base) for child in inner(node))


def _attributes(node: LexborNode, name: str, base: str) -> Iterator[str]:
    for key, value in node.attributes.items():
        if key not in _KEPT[name] or value is None:
            continue
        if key in _ADDRESSES:
            value = value.removeprefix(MEDIA) if value.startswith(MEDIA) else urljoin(base, value)
        yield f' {key}="{html.escape(value)}"'


def _tabs(node: LexborNode, base: str) -> str:
    labels = [label.text(strip=True) for label in node.css("div.tabbed-labels > label")]
    blocks = node.css("div.tabbed-content > div.tabbed-block")
    return "".join(
        f"<p><strong>{html.escape(label, quote=False)}</strong></p>{_children(block, base)}"
        for label, block in zip(labels, blocks, strict=False)
    )
