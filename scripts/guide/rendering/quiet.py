"""What only the eye needs on a page, kept from screen readers and from the keyboard.

- The boxes of checklists are for paper and cannot be ticked on screen. Each would be announced as a
  check box without a name that is not available; the words beside it are all there is to say.
- The link to itself that each heading ends with would be heard in the name of every heading, and
  would be a tab stop at every heading. The table of contents has the same links.
"""

from __future__ import annotations

_BOX = '<input type="checkbox" disabled/>'
_QUIET_BOX = '<input type="checkbox" disabled aria-hidden="true"/>'
_LINK = '<a class="headerlink"'
_QUIET_LINK = f'{_LINK} aria-hidden="true" tabindex="-1"'


def quiet(html: str) -> str:
    """The content of a page without what a listener would only have to skip."""
    return html.replace(_BOX, _QUIET_BOX).replace(_LINK, _QUIET_LINK)
