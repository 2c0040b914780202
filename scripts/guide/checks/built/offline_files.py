"""A reader can install the site and use it offline: what promises that names what is there.

The manifest says under which icons and where an installed site starts; the service worker lists
every file that all devices keep, with a hash of its contents.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from guide.checks.built.compressed import compressed_size
from guide.checks.built.page import PageFacts
from guide.checks.built.rule import BuiltRule
from guide.checks.built.site import BuiltSite
from guide.checks.finding import Finding
from guide.library import did_you_mean

SHELL_BUDGET = 450_000
"""Bytes, compressed, of what every device fetches after the first visit."""
_HASH_LENGTH = 16
_FILES = re.compile(r"^const FILES = (\[.*?^\])", re.MULTILINE | re.DOTALL)
_PNG = b"\x89PNG\r\n\x1a\n"
_AFRESH = "build the site afresh"


def check(site: BuiltSite) -> Iterator[Finding]:
    """Report what manifest and service worker name and the site does not have."""
    for path in sorted(_named(site, lambda page: page.links.get("manifest", ())) & site.files):
        yield from _manifest(site, path)
    for path in sorted(_named(site, lambda page: page.metas.get("service-worker", ()))):
        if path in site.files:
            yield from _worker(site, path)
        else:
            yield _finding(path, 1, "pages register a service worker that is not there", _AFRESH)


def _named(site: BuiltSite, urls: Callable[[PageFacts], Iterable[str]]) -> set[str]:
    """Files at the `urls` that pages name."""
    found = (
        site.resolve(page.path, url) for page in site.pages.values() for url in urls(page.facts)
    )
    return {target[0] for target in found if target}


def _manifest(site: BuiltSite, path: str) -> Iterator[Finding]:
    text = (site.root / path).read_text(encoding="utf-8")
    try:
        manifest = json.loads(text)
    except json.JSONDecodeError as error:
        yield _finding(path, error.lineno, f"the manifest is no JSON: {error.msg}", "")
        return
    for member in ("name", "short_name", "start_url", "icons"):
        if not manifest.get(member):
            yield _finding(path, 1, f"the manifest has no `{member}`", "browsers ask for it")
    pages = [manifest.get("start_url", ""), *_member(manifest, "shortcuts", "url")]
    for url in [*pages, *_member(manifest, "icons", "src")]:
        target = site.resolve(path, url)
        if target is None or target[0] not in site.files:
            missing = target[0] if target else url
            message = f"`{url}` leads to {missing}, which is not in the site"
            yield _finding(path, _line(text, url), message, did_you_mean(missing, site.files))
    for icon in manifest.get("icons", ()):
        yield from _icon(site, path, text, icon)


def _icon(site: BuiltSite, path: str, text: str, icon: Mapping[str, str]) -> Iterator[Finding]:
    target = site.resolve(path, icon.get("src", ""))
    if target is None or target[0] not in site.files or icon.get("type") != "image/png":
        return
    head = (site.root / target[0]).read_bytes()[:24]
    width, height = (int.from_bytes(head[at : at + 4], "big") for at in (16, 20))
    if not head.startswith(_PNG) or f"{width}x{height}" != icon.get("sizes"):
        message = f"`{icon['src']}` is no PNG of {icon.get('sizes')}"
        yield _finding(path, _line(text, icon["src"]), message, "draw it anew in that size")


def _worker(site: BuiltSite, path: str) -> Iterator[Finding]:
    text = (site.root / path).read_text(encoding="utf-8")
    listed = _FILES.search(text)
    files = json.loads(listed[1]) if listed else []
    if not files:
        yield _finding(path, 1, "the service worker lists no files", _AFRESH)
    weight = 0
    for url, expected in files:
        target = site.resolve("", url or ".")
        line = _line(text, f'["{url}"')
        if target is None or target[0] not in site.files:
            message = f"the service worker installs `{url}`, which is not in the site"
            yield _finding(path, line, message, _AFRESH)
            continue
        content = (site.root / target[0]).read_bytes()
        weight += compressed_size(content)
        if hashlib.sha256(content).hexdigest()[:_HASH_LENGTH] != expected:
            message = f"the service worker expects other contents of `{url}`"
            yield _finding(path, line, message, _AFRESH)
    if weight > SHELL_BUDGET:
        message = f"every device fetches {weight / 1000:.0f} kB compressed"
        hint = f"the budget is {SHELL_BUDGET // 1000} kB: keep large pages to those who open them"
        yield _finding(path, 1, message, hint)


def _member(manifest: Mapping[str, Any], name: str, member: str) -> Iterable[str]:
    return [each.get(member, "") for each in manifest.get(name, ())]


def _line(text: str, part: str) -> int:
    return text.count("\n", 0, max(text.find(part), 0)) + 1


def _finding(file: str, line: int, message: str, hint: str) -> Finding:
    return Finding(f"site/{file}", line, 1, RULE.id, message, hint)


RULE = BuiltRule(
    "offline-files", "installs with a manifest and a service worker that fit the site", check
)
