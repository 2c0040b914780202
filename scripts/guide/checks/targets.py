"""Where a link points; what the rules about links and navigation share."""

from __future__ import annotations

import functools
import posixpath
import re
from dataclasses import dataclass
from urllib.parse import unquote

from guide.library import Page

_SCHEME = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]*:")
_HOST_FIRST = re.compile(
    r"^(?:https?[/;.,]*//|www\.|(?:[\w-]+\.)+(?:com|org|net|io|dev|edu|gov|info)(?:[/:?#]|$))",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Target:
    """A link inside the guide: `path` relative to docs/, `anchor` without `#`."""

    path: str
    anchor: str


def scheme(link: str) -> str:
    """Return the scheme of `link` in lower case, or an empty string."""
    match = _SCHEME.match(link)
    return match[0][:-1].lower() if match else ""


def lacks_scheme(link: str) -> bool:
    """Whether `link` starts with a host, so that a browser takes it for a file."""
    return bool(_HOST_FIRST.match(link))


def internal(page: Page, link: str) -> Target | None:
    """Resolve `link` on `page`; None if it points outside the guide or cannot be resolved."""
    return _resolved(page.path, page.area, link)


@functools.cache  # two rules look at every link of the guide
def _resolved(here: str, area: str, link: str) -> Target | None:
    if scheme(link) or link.startswith("/") or lacks_scheme(link) or not link.strip():
        return None
    path, _, anchor = link.partition("#")
    path = unquote(path.partition("?")[0])
    if not path:
        return Target(here, unquote(anchor))
    return Target(posixpath.normpath(posixpath.join(area, path)), unquote(anchor))


def relative(page: Page, path: str) -> str:
    """Write `path` (relative to docs/) as a link on `page`."""
    return posixpath.relpath(path, page.area or ".")
