"""Read and check every page by itself: only those that changed, and on all cores."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from pathlib import Path

from guide.checks.built.page import BuiltPage, PageFacts, read_page
from guide.checks.built.rule import BuiltPageRule
from guide.checks.finding import Finding
from guide.library.memo import Memo, digest

Checked = tuple[PageFacts, tuple[Finding, ...]]
"""What is kept of a page."""
_KIND = "built"
# Starting a process takes as long as checking a dozen pages.
_FEW = 30
_AT_A_TIME = 8


def check_pages(
    root: Path, url: str, paths: Sequence[str], rules: Sequence[BuiltPageRule], memo: Memo
) -> tuple[dict[str, BuiltPage], list[Finding]]:
    """The pages at `paths` below `root`, and what `rules` find on them.

    The site will be published at `url`. What `memo` holds of pages that did not change is neither
    parsed nor checked again.
    """
    keys = {path: digest(url, path, (root / path).read_text(encoding="utf-8")) for path in paths}
    kept: dict[str, Checked | None] = {path: memo.find(_KIND, keys[path]) for path in paths}
    changed = [path for path in paths if kept[path] is None]
    fresh = dict(zip(changed, _check_all(root, url, changed, rules), strict=True))
    pages: dict[str, BuiltPage] = {}
    findings: list[Finding] = []
    for path in paths:
        facts, found = kept[path] or memo.keep(_KIND, keys[path], fresh[path])
        pages[path] = BuiltPage(root / path, path, facts)
        findings += found
    return pages, findings


def _check_all(
    root: Path, url: str, paths: Sequence[str], rules: Sequence[BuiltPageRule]
) -> Iterator[Checked]:
    check = partial(_check, root, url, rules)
    cores = os.cpu_count() or 1
    if cores < 2 or len(paths) < _FEW:
        yield from map(check, paths)
        return
    # Fresh processes: what the parent has loaded for its other work may not survive a fork.
    context = multiprocessing.get_context("spawn")
    done = 0
    try:
        with ProcessPoolExecutor(cores, mp_context=context) as pool:
            for checked in pool.map(check, paths, chunksize=_AT_A_TIME):
                done += 1
                yield checked
    except BrokenProcessPool:  # one ended early, perhaps for want of memory: this one goes on
        yield from map(check, paths[done:])


def _check(root: Path, url: str, rules: Sequence[BuiltPageRule], path: str) -> Checked:
    page = read_page(root, url, path)
    return page.facts, tuple(finding for rule in rules for finding in rule.check(page))
