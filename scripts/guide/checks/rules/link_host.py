"""Links to other sites name a host that every reader can reach."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from guide.checks.finding import Finding
from guide.checks.rule import PageRule
from guide.checks.targets import scheme
from guide.library import Page
from guide.library.page import PageReader

_LABEL = re.compile(r"[^\W_](?:[\w-]*[^\W_])?")
_TOP_LABEL = re.compile(r"[^\W\d_]{2,}|xn--[a-z0-9-]+", re.IGNORECASE)
_AUTHORITY = re.compile(r"^https?://[^/]", re.IGNORECASE)
_TRACKING = re.compile(r"(?:^|&)(?:utm_\w+|fbclid|gclid|mc_[ce]id|igshid|ref_src)=")
_PRIVATE = ("localhost", "local", "internal", "test", "invalid", "localdomain", "lan")
"""Names that lead nowhere on another machine (RFC 6761, RFC 6762 and practice)."""


def check(page: Page, reader: PageReader) -> Iterator[Finding]:
    """Report addresses that are malformed or work on the author's machine only."""
    for link in page.links:
        if scheme(link.target) in ("http", "https"):
            message, hint = _wrong(link.target)
            if message:
                yield Finding(page.file, link.line, link.column, RULE.id, message, hint)


def _wrong(url: str) -> tuple[str, str]:
    if re.search(r"\s", url.strip()):
        return f"`{url}` contains a space", "write `%20`, or close the link before the space"
    if not _AUTHORITY.match(url):
        return f"`{url}` has no host", "two slashes follow the scheme: `https://host/path`"
    if re.search(r"[<>{}|^`\"\\]", url):
        return f"`{url}` has a character that no address has", "fill in the blank, or encode it"
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError as error:
        return f"`{url}` is malformed: {error}", "check the brackets and the port"
    if host in ("http", "https"):
        return f"`{url}` has two schemes", "write one"
    if _TRACKING.search(parts.query):
        return f"`{url}` carries a tracking parameter", "leave it out: the page is the same"
    if "@" in parts.netloc:
        return f"`{url}` carries a user name", "leave it out: it may be a secret or a trick"
    return _wrong_host(url, host)


def _wrong_host(url: str, host: str) -> tuple[str, str]:
    labels = host.split(".")
    if labels[-1] in _PRIVATE:
        return f"`{url}` works on the author's machine only", "write it as code, not as a link"
    try:
        ipaddress.ip_address(host)
    except ValueError:
        well_formed = all(_LABEL.fullmatch(label) for label in labels)
        if len(labels) > 1 and well_formed and _TOP_LABEL.fullmatch(labels[-1]):
            return "", ""
        return f"`{host}` in `{url}` is no host name", "a host is labels with dots between them"
    return f"`{url}` names a bare address", "link to the host by name, or write it as code"


RULE = PageRule("link-host", "links to hosts that any reader can reach", check)
