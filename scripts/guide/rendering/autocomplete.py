"""The theme's toggles are checkboxes, on which HTML allows no `autocomplete`."""

from __future__ import annotations

import re

_TOGGLE = re.compile(r"<input\b(?=[^>]*\btype=\"checkbox\")[^>]*>")


def without_autocomplete(html: str) -> str:
    """The page without the attribute on checkboxes, in whatever order attributes stand."""
    return _TOGGLE.sub(lambda tag: tag[0].replace(' autocomplete="off"', ""), html)
