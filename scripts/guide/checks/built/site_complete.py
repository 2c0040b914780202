"""Machines find every page: the sitemap, the search index and robots.txt agree with the site."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from html import unescape
from xml.etree import ElementTree

from guide.checks.built.rule import BuiltRule
from guide.checks.built.search_index import SEARCH_INDEX, SearchIndexError, search_locations
from guide.checks.built.site import BuiltSite
from guide.checks.finding import Finding
from guide.library import did_you_mean

SITEMAP = "sitemap.xml"
ROBOTS = "robots.txt"
_UNFOUND = "give it text outside `data-search-exclude`, or set `search: {exclude: true}` in it"
_LOC = re.compile(r"<loc>\s*(.*?)\s*</loc>", re.DOTALL)
_SITEMAP_LINE = re.compile(r"^sitemap:[ \t]*(\S+)[ \t]*$", re.IGNORECASE | re.MULTILINE)


def check(site: BuiltSite) -> Iterator[Finding]:
    """Report pages that the machine-readable files miss, and entries that lead nowhere."""
    yield from _sitemap(site)
    yield from _search(site)
    yield from _robots(site)


def _sitemap(site: BuiltSite) -> Iterator[Finding]:
    if SITEMAP not in site.files:
        yield _finding(SITEMAP, 1, "the site has no sitemap", "set `site_url` in mkdocs.yml")
        return
    text = (site.root / SITEMAP).read_text(encoding="utf-8")
    try:
        ElementTree.fromstring(text)
    except ElementTree.ParseError as error:
        yield _finding(SITEMAP, error.position[0], f"the sitemap is no XML: {error}", "")
        return
    pages = {path for path, page in site.pages.items() if page.is_indexed}
    listed: Counter[str] = Counter()
    for match in _LOC.finditer(text):
        line = text.count("\n", 0, match.start()) + 1
        url = unescape(match[1])
        target = site.resolve("", url)
        path = target[0] if target else ""
        listed[path] += 1
        if not url.startswith(site.url):
            message = f"the sitemap lists {url}, which is not under {site.url}"
            yield _finding(SITEMAP, line, message, "set `site_url` to where it is published")
        elif path not in pages:
            reason = "is kept from search engines" if path in site.pages else "does not exist"
            message = f"the sitemap lists {url}, but {path} {reason}"
            yield _finding(SITEMAP, line, message, "build the site afresh")
        elif listed[path] == 2:
            yield _finding(SITEMAP, line, f"the sitemap lists {url} twice", "keep one entry")
    for path in sorted(pages - set(listed)):
        message = f"the sitemap does not list {path}"
        yield _finding(SITEMAP, 1, message, "build the site afresh")


def _search(site: BuiltSite) -> Iterator[Finding]:
    if SEARCH_INDEX not in site.files:
        return
    try:
        locations = search_locations((site.root / SEARCH_INDEX).read_text(encoding="utf-8"))
    except SearchIndexError as error:
        yield _finding(SEARCH_INDEX, error.line, str(error), "build the site afresh")
        return
    found = set()
    ids = {path: frozenset(page.ids) for path, page in site.pages.items()}
    for location in locations:
        path, anchor = site.resolve("", location) or ("", "")
        page = site.pages.get(path)
        found.add(path)
        if page is None:
            message = f"a search result leads to `{location}`, which is no page of the site"
            yield _finding(SEARCH_INDEX, 1, message, did_you_mean(path, site.pages))
        elif anchor and anchor not in ids[path]:
            message = f"a search result leads to `{location}`: {path} has no id `{anchor}`"
            yield _finding(SEARCH_INDEX, 1, message, did_you_mean(anchor, page.ids))
    for path in sorted(set(site.pages) - found):
        if site.pages[path].is_searchable:
            message = f"the search finds nothing of {path}"
            yield _finding(SEARCH_INDEX, 1, message, _UNFOUND)


def _robots(site: BuiltSite) -> Iterator[Finding]:
    if ROBOTS not in site.files:
        return
    lines = (site.root / ROBOTS).read_text(encoding="utf-8").splitlines()
    wanted = site.url + SITEMAP
    named = [
        line.partition(":")[2].strip() for line in lines if line.lower().startswith("sitemap:")
    ]
    if wanted not in named:
        yield _finding(ROBOTS, 1, "robots.txt does not name the sitemap", f"Sitemap: {wanted}")


def _finding(file: str, line: int, message: str, hint: str) -> Finding:
    return Finding(f"site/{file}", line, 1, RULE.id, message, hint)


RULE = BuiltRule("site-complete", "is in the sitemap and in the search index", check)
