"""The steps of `guide build` on the project in the current folder, each timed.

Run by growth.py as a process of its own. What a step finds is counted and stops nothing: among
thousands of shuffled pages some resemble each other, and the longest indexes outgrow their
budgets. `draw` only draws the diagrams, and `page` renders single pages as a preview does; its
argument says how many.
"""

from __future__ import annotations

import gc
import json
import resource
import statistics
import sys
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any


def draw(root: Path) -> dict[str, Any]:
    """Draw what is not in the cache: the maps of a library that has grown."""
    from guide.drawing import draw_diagrams
    from guide.indexes.map import map_drawings
    from guide.keeping import cache_folder
    from guide.project import load

    library, cache = load(root), cache_folder(root) / "diagrams"
    draw_diagrams(library, cache, lambda done, of: None, map_drawings(library))
    return {}


def build(root: Path) -> dict[str, Any]:
    """Check, render and verify; return seconds by step, findings by rule and the peak of memory."""
    gc.disable()  # as the command does
    from guide.building import render, site_url
    from guide.checks import Finding, check_sources
    from guide.checks.built import check_site
    from guide.drawing import draw_diagrams
    from guide.indexes.map import map_drawings
    from guide.keeping import cache_folder
    from guide.project import SITE, load

    found: Counter[str] = Counter()

    def count(findings: Iterable[Finding]) -> None:
        found.update(each.rule for each in findings if each.severity == "error")

    began = time.perf_counter()
    library = load(root)
    drawn = draw_diagrams(
        library, cache_folder(root) / "diagrams", lambda done, of: None, map_drawings(library)
    )
    count(check_sources(library, drawn).findings)
    library.memo.save()
    checked = time.perf_counter()
    count(render(library, root / SITE))
    rendered = time.perf_counter()
    count(check_site(root / SITE, site_url(), library.memo).findings)
    library.memo.save()
    verified = time.perf_counter()
    who = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return {
        "check": checked - began,
        "render": rendered - checked,
        "verify": verified - rendered,
        "cpu": sum(sum(resource.getrusage(each)[:2]) for each in who),
        # Of the largest process, in kB on Linux.
        "memory": max(resource.getrusage(each).ru_maxrss for each in who),
        "findings": dict(found),
    }


def one_page(root: Path, number: int) -> dict[str, Any]:
    """Render `number` topic pages one by one; return the median of their CPU seconds."""
    from mkdocs.commands.build import _build_page, _populate_page
    from mkdocs.config import load_config
    from mkdocs.structure.files import get_files, set_exclusions
    from mkdocs.structure.nav import get_navigation

    config = load_config(str(root / "mkdocs.yml"), site_dir=str(root / "one-page"))
    config.plugins.on_startup(command="build", dirty=False)
    config = config.plugins.on_config(config)
    files = get_files(config)
    env = config.theme.get_env()
    files.add_files_from_theme(env, config)
    files = config.plugins.on_files(files, config=config)
    set_exclusions(files, config)
    nav = config.plugins.on_nav(get_navigation(files, config), config=config, files=files)
    config.extra["guide"].library.memo.find = lambda kind, key: None  # nothing is known of them
    library = config.extra["guide"].library
    topics = [page.path for page in library.topic_pages]
    env = config.plugins.on_env(env, config=config, files=files)
    seconds = []
    for path in topics[:: max(1, len(topics) // number)]:
        page = files.src_uris[path].page
        began = time.process_time()
        _populate_page(page, config, files)
        _build_page(page, config, files.documentation_pages(), nav, env)
        seconds.append(time.process_time() - began)
    return {"page": statistics.median(seconds)}


if __name__ == "__main__":
    what, *rest = sys.argv[1:]
    steps = {"draw": draw, "build": build, "page": lambda root: one_page(root, int(rest[0]))}
    json.dump(steps[what](Path.cwd()), sys.stdout)
