"""What the theme writes into every page and would better write otherwise."""

from __future__ import annotations

import re

_CHECKBOX = re.compile(r"<input\b(?=[^>]*\btype=\"checkbox\")[^>]*>")
_ICON = re.compile(
    r"<svg\b(?![^>]*\bwidth=)(?=[^>]*\bviewBox=\"0 0 (?P<width>\d+) (?P<height>\d+)\")",
    re.IGNORECASE,  # a page that was written anew by a parser has its attributes in small letters
)
_UNNAMED = re.compile(
    r"<svg\b(?=[^>]*\bviewBox=)(?![^>]*\b(?:aria-\w+|role|width)=)", re.IGNORECASE
)
_NAV = re.compile(r"(?<=<nav )([^>]*\baria-label=)\"(Navigation|Tabs)\"")
_NAMES = {"Navigation": "All pages", "Tabs": "Sections"}
_LOGO = re.compile(r"<a\b(?=[^>]*\bmd-logo\b)[^>]*>")
_TOOLTIP = re.compile(r" title=\"[^\"]*\"")
_TITLE = 'class="md-header__title"'
_HEIGHT = 24
"""Of an icon in a page without style sheets, in pixels; the theme's own come in many sizes."""


def mended(html: str) -> str:
    """The page with what HTML forbids taken out, and icons that have a size without style sheets.

    The checkboxes that open drawer and search carry `autocomplete`, which HTML has for text only.
    Icons without a size are as wide as the window where no style sheet says otherwise. To a screen
    reader an icon is an image without a name, and the bar's title says again what the link before
    it and the heading below say. Of two navigations neither is "the" navigation, and the logo's
    tooltip is heard after its name, which is the same.
    """
    html = _CHECKBOX.sub(lambda tag: tag[0].replace(' autocomplete="off"', ""), html)
    html = _UNNAMED.sub('<svg aria-hidden="true"', html).replace(
        _TITLE, f'{_TITLE} aria-hidden="true"'
    )
    html = _NAV.sub(lambda nav: f'{nav[1]}"{_NAMES[nav[2]]}"', html)
    html = _LOGO.sub(lambda link: _TOOLTIP.sub("", link[0]), html)
    return _ICON.sub(_sized, html)


def _sized(icon: re.Match[str]) -> str:
    width = round(int(icon["width"]) / int(icon["height"]) * _HEIGHT)
    return f'<svg width="{width}" height="{_HEIGHT}"'
