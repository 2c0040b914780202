"""Draw many diagrams at once, through the cache, in as many processes as there are cores."""

from __future__ import annotations

import logging
import multiprocessing
import os
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

from guide.diagrams.cache import DiagramCache
from guide.diagrams.engine import DiagramError, Drawn, draw

Progress = Callable[[int, int], None]

# Starting a process costs as much as drawing two diagrams.
_ALONE = 3


def no_progress(done: int, total: int) -> None:
    """Report nothing."""


def render_diagrams(
    sources: Iterable[str],
    cache: Path,
    progress: Progress = no_progress,
    workers: int | None = None,
) -> Mapping[str, Drawn]:
    """Return a drawing, or the error that prevented it, for every source.

    Equal sources are drawn once. `progress` is called with the number of diagrams done and
    their total, first with what the cache held. A cache that cannot be written is logged as
    a warning once, and the drawings are returned all the same.
    """
    store = DiagramCache(cache)
    wanted = list(dict.fromkeys(sources))
    drawn: dict[str, Drawn] = {}
    for source in wanted:
        svg = store.get(source)
        if svg is not None:
            drawn[source] = Drawn(svg)
    progress(len(drawn), len(wanted))
    complaint = ""
    missing = [source for source in wanted if source not in drawn]
    for source, result in _draw_all(missing, workers or os.cpu_count() or 1):
        drawn[source] = result
        if result.error is None:
            complaint = store.put(source, result.svg) or complaint
        progress(len(drawn), len(wanted))
    if complaint:
        logging.getLogger(__name__).warning(complaint)
    return {source: drawn[source] for source in wanted}


def _draw_all(sources: Sequence[str], workers: int) -> Iterator[tuple[str, Drawn]]:
    workers = min(workers, len(sources))
    if workers < 2 or len(sources) < _ALONE:
        for source in sources:
            yield source, draw(source)
        return
    # A fresh process each: the JavaScript engine does not survive a fork.
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(workers, mp_context=context, initializer=_end_with_parent)
    try:
        pending = {pool.submit(draw, source): source for source in sources}
        for future in as_completed(pending):
            try:
                yield pending[future], future.result()
            except BrokenProcessPool:
                yield pending[future], Drawn("", DiagramError("the drawing process ended early"))
    finally:
        pool.shutdown(cancel_futures=True)  # who is interrupted waits for no more than has begun


def _end_with_parent() -> None:
    """Let no process that draws outlive a killed command: it would wait for work for ever."""
    parent = multiprocessing.parent_process()

    def watch() -> None:
        if parent is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
