"""No `autocomplete` on the checkboxes that open drawer and search, where HTML forbids it."""

from __future__ import annotations

import re

_TOGGLE = re.compile(r"<input\b(?=[^>]*\btype=\"checkbox\")[^>]*>")


def without_autocomplete(html: str) -> str:
    """The page without the attribute on checkboxes, in whatever order attributes stand."""
    return _TOGGLE.sub(lambda tag: tag[0].replace(' autocomplete="off"', ""), html)
