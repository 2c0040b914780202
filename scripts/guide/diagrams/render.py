"""Draw many diagrams: from the cache where possible, else in parallel processes."""

from __future__ import annotations

import logging
import multiprocessing
import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from guide.diagrams.cache import DiagramCache
from guide.diagrams.engine import DiagramError, Drawn, draw

_log = logging.getLogger("guide.diagrams")
# Fresh processes: the JavaScript engine's state must not be inherited by a fork.
_CONTEXT = multiprocessing.get_context("spawn")

__all__ = ["DiagramError", "Drawn", "render_diagrams"]


def render_diagrams(
    sources: Iterable[str],
    cache_folder: Path,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Mapping[str, Drawn]:
    """Return the drawing of each source; what cannot be drawn carries its error.

    `progress` is told how many of the missing drawings are done, and how many there are. A
    cache that cannot be written costs time, never a drawing.
    """
    cache = DiagramCache(cache_folder)
    wanted = list(dict.fromkeys(sources))
    drawn = {source: Drawn(svg) for source in wanted if (svg := cache.get(source)) is not None}
    missing = [source for source in wanted if source not in drawn]
    writable = True
    for done, (source, result) in enumerate(_draw_all(missing), 1):
        drawn[source] = result
        progress(done, len(missing))
        if result.error is None and writable:
            writable = _keep(cache, source, result.svg)
    return drawn


def _draw_all(sources: list[str]) -> Iterable[tuple[str, Drawn]]:
    workers = min(len(sources), os.cpu_count() or 1)
    if workers <= 1:
        for source in sources:
            yield source, draw(source)
        return
    with _CONTEXT.Pool(workers) as pool:
        yield from zip(sources, pool.imap(draw, sources), strict=True)


def _keep(cache: DiagramCache, source: str, svg: str) -> bool:
    try:
        cache.put(source, svg)
    except OSError as error:
        _log.info("drawings are not kept: %s", error)
        return False
    return True
