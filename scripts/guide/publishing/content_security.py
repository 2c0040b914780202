"""The Content Security Policy of the published pages: what they may load and run.

GitHub Pages sets no headers, so the policy is a `<meta>` element in each page. Scripts that stand
in a page are named by their hashes, which only the finished page tells. docs/about/security.md says
what the policy keeps out, and what such an element cannot say.
"""

from __future__ import annotations

import base64
import hashlib
import html
import re
from collections.abc import Iterable
from pathlib import Path

# In a script element, everything up to its end tag is script: no comment, no entity.
_SCRIPT = re.compile(r"<script\b(?P<attributes>[^>]*)>(?P<code>.*?)</script\s*>", re.I | re.S)
_SRC = re.compile(r"\ssrc\s*=", re.I)
_DATA = re.compile(r"""\stype\s*=\s*["']?[\w.+-]+/(?:[\w.-]+\+)?json\b""", re.I)
# Before the policy only the encoding, which has to stand in the first 1024 bytes.
_START = re.compile(r"<head\b[^>]*>(?:\s*<meta\s+charset=[^>]*>)?", re.I)

_DIRECTIVES = {
    "default-src": ("'none'",),
    "script-src": ("'self'",),  # and hashes
    "style-src": ("'self'",),
    "img-src": ("'self'", "data:"),  # the icons in the theme's style sheets are data
    "connect-src": ("'self'",),
    "worker-src": ("'self'",),
    "manifest-src": ("'self'",),
    # These two are not covered by default-src.
    "base-uri": ("'none'",),
    "form-action": ("'none'",),
}


def content_security_policy(scripts: Iterable[str]) -> str:
    """The policy of a page in which the inline `scripts` stand."""
    hashes = sorted({_source(script) for script in scripts})
    parts = {**_DIRECTIVES, "script-src": (*_DIRECTIVES["script-src"], *hashes)}
    return "; ".join(f"{name} {' '.join(sources)}" for name, sources in parts.items())


def inline_scripts(page: str) -> list[str]:
    """The scripts that stand in the HTML of `page`; JSON in such an element is not run."""
    return [
        match["code"]
        for match in _SCRIPT.finditer(page)
        if not _SRC.search(match["attributes"]) and not _DATA.search(match["attributes"])
    ]


def with_policy(page: str) -> str:
    """The HTML of `page` with its policy at the start of its head."""
    policy = html.escape(content_security_policy(inline_scripts(page)), quote=False)
    element = f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    return _START.sub(lambda start: start[0] + element, page, count=1)


def write_policies(site: Path) -> None:
    """Give every page of the built `site` its policy, in place."""
    for file in sorted(site.rglob("*.html")):
        file.write_text(with_policy(file.read_text(encoding="utf-8")), encoding="utf-8")


def _source(script: str) -> str:
    digest = hashlib.sha256(script.replace("\r\n", "\n").replace("\r", "\n").encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
