"""A page loads fast on a slow phone: what it transfers stays within a budget.

Counted are the page and everything it makes the browser fetch from the site (stylesheets and what
they load, scripts and the modules they import, images, fonts), each once, as a server sends it:
compressed by gzip at its default level. The search index is not counted: it is fetched when
somebody searches.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Mapping
from functools import cache

from guide.checks.built.compressed import compressed_size
from guide.checks.built.page import BuiltPage
from guide.checks.built.references import Reference
from guide.checks.built.rule import BuiltRule
from guide.checks.built.site import BuiltSite
from guide.checks.finding import Finding

# Bytes; 1 kB = 1000 bytes. Scripts and the style sheet take 60 kB of every page.
TOPIC_BUDGET = 120_000
"""Under a second on 1.6 Mbit/s, what browsers simulate as slow 4G, once connected."""
MEDIAN_TOPIC_BUDGET = 100_000
"""Half of the topics are lighter."""
TOPIC_REQUESTS = 10
"""Files that a topic page is made of: on a slow network each costs a round trip or its share."""
PAGE_BUDGET = 160_000
"""Galleries of diagrams and the large indexes show a whole area at once."""
TOPIC_HTML_BUDGET = 36_000
"""A little more than the longest topic so far: a page that outgrows it is two topics."""
IMAGE_BUDGET = 60_000
"""Diagrams are inline, so that a file is a photo or a screenshot: one this large is oversized."""
_MANY = 10
"""From so many topics on their median says something."""
_IMAGES = (".avif", ".gif", ".jpeg", ".jpg", ".png", ".svg", ".webp")


def check(site: BuiltSite) -> Iterator[Finding]:
    """Report pages and images that outweigh their budgets."""
    references = dict(site.origins())

    @cache  # for this run: most pages share most files
    def weigh(file: str) -> int:
        page = site.pages.get(file)
        return page.facts.weight if page else compressed_size((site.root / file).read_bytes())

    heavy: dict[str, tuple[str, int]] = {}
    topics: list[int] = []
    for page in site.pages.values():
        files = _fetched(site, references, page)
        weights = {file: weigh(file) for file in files}
        yield from _page_findings(page, weights)
        if page.is_topic:
            topics.append(sum(weights.values()))
        for file, weight in weights.items():
            if file.lower().endswith(_IMAGES) and weight > IMAGE_BUDGET:
                heavy.setdefault(file, (page.path, weight))
    for file, (user, weight) in heavy.items():
        yield _finding(
            file,
            f"the image weighs {_kb(weight)} (budget {_kb(IMAGE_BUDGET)}); {user} shows it",
            "scale it down to the size it is shown at, or save it as WebP",
        )
    if len(topics) >= _MANY and (middle := statistics.median(topics)) > MEDIAN_TOPIC_BUDGET:
        yield _finding(
            "index.html",
            f"the median topic page weighs {_kb(middle)} compressed "
            f"(budget {_kb(MEDIAN_TOPIC_BUDGET)})",
            "look at what every page loads: the style sheet and the scripts",
        )


def _page_findings(page: BuiltPage, weights: Mapping[str, int]) -> Iterator[Finding]:
    budget = TOPIC_BUDGET if page.is_topic else PAGE_BUDGET
    total, html = sum(weights.values()), weights[page.path]
    if page.is_topic and html > TOPIC_HTML_BUDGET:
        yield _finding(
            page.path,
            f"the HTML alone weighs {_kb(html)} compressed (budget {_kb(TOPIC_HTML_BUDGET)})",
            "split the topic, or move a large example out of the page",
        )
    if page.is_topic and len(weights) > TOPIC_REQUESTS:
        yield _finding(
            page.path,
            f"the page is made of {len(weights)} files (at most {TOPIC_REQUESTS})",
            "bundle what always comes together: " + ", ".join(sorted(weights)),
        )
    if total > budget:
        largest = sorted(weights, key=lambda file: -weights[file])[:3]
        yield _finding(
            page.path,
            f"the page weighs {_kb(total)} compressed (budget {_kb(budget)})",
            "largest: " + ", ".join(f"{file} {_kb(weights[file])}" for file in largest),
        )


def _fetched(
    site: BuiltSite, references: Mapping[str, tuple[Reference, ...]], page: BuiltPage
) -> frozenset[str]:
    """Files of the site that the browser fetches to show `page`, the page included."""
    seen = {page.path}
    waiting = [page.path]
    while waiting:
        origin = waiting.pop()
        for reference in references.get(origin, ()):
            target = reference.target
            if reference.kind != "resource" or target is None or target[0] in seen:
                continue
            if target[0] in site.files:
                seen.add(target[0])
                waiting.append(target[0])
    return frozenset(seen)


def _kb(size: float) -> str:
    return f"{size / 1000:.1f} kB"


def _finding(file: str, message: str, hint: str) -> Finding:
    return Finding(f"site/{file}", 1, 1, RULE.id, message, hint)


RULE = BuiltRule("page-weight", "keeps to its budget of bytes", check)
