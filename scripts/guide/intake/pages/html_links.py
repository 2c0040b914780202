"""Links and images in HTML that stays HTML, such as tables with joined cells.

The site does not rewrite these: only links to the same page and to other sites work in them.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable

_LINK = re.compile(
    r"<a\b(?P<attributes>[^<>]*)>(?P<text>[^<]*(?:<(?!/?a\b)[^<]*)*)</a\s*>", re.IGNORECASE
)
_IMAGE = re.compile(r"<img\b(?P<attributes>[^<>]*)>", re.IGNORECASE)
_VALUE = r"\s*=\s*(?:\"(?P<double>[^\"]*)\"|'(?P<single>[^']*)'|(?P<bare>[^\s\"'<>]+))"
_HREF = re.compile(rf"\bhref{_VALUE}", re.IGNORECASE)
_SRC = re.compile(rf"\bsrc{_VALUE}", re.IGNORECASE)
_ALT = re.compile(rf"\balt{_VALUE}", re.IGNORECASE)
_ADDRESS = re.compile(r"(?:https?|mailto):", re.IGNORECASE)


def rewrite_html(
    text: str, resolve: Callable[[str], str], note: Callable[[str, str, str], None]
) -> str:
    """Return HTML whose links work on the page; those that cannot become their text.

    `resolve` gives the new target of a link, or an empty one; `note` is told what was done: a
    message, the target before and the one after.
    """

    def link(match: re.Match[str]) -> str:
        target = _value(_HREF, match["attributes"])
        new = resolve(target) if target else target
        if new == target:
            return match[0]
        if not new.startswith("#") and not _ADDRESS.match(new):
            note("a link in HTML, which the site does not follow", target, "")
            return f"{match['text']} (<code>{html.escape(target)}</code>)"
        note("a link in HTML", target, new)
        attributes = _HREF.sub(lambda _: f'href="{html.escape(new)}"', match["attributes"], count=1)
        return f"<a{attributes}>{match['text']}</a>"

    def image(match: re.Match[str]) -> str:
        source = _value(_SRC, match["attributes"])
        shown = _value(_ALT, match["attributes"]) or "image"
        note("an image in HTML, which the site does not show", source, "")
        if _ADDRESS.match(source):
            return f'<a href="{html.escape(source)}">{html.escape(shown)}</a>'
        if source.lower().startswith("data:"):
            return html.escape(shown)
        return f"{html.escape(shown)} (<code>{html.escape(source)}</code>)"

    return _IMAGE.sub(image, _LINK.sub(link, text))


def _value(pattern: re.Pattern[str], attributes: str) -> str:
    match = pattern.search(attributes)
    return html.unescape(match["double"] or match["single"] or match["bare"] or "") if match else ""
