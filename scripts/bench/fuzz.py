"""Throw hostile files at `guide check` and report crashes, hangs and reads outside the project.

Every file is a seeded mutation of a page or data file, or made from nothing, and stands in a
miniature project. The same seed makes the same file, as long as the pages of docs/ are the same.

Examples:
  python scripts/bench/fuzz.py --count 10000
  python scripts/bench/fuzz.py --start 4711 --count 1 --keep failures/
"""

from __future__ import annotations

import faulthandler
import multiprocessing
import os
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import click

from fuzzing import Corpus, Failure, Harness, make_case, shrink
from workspace import ROOT

sys.path.insert(0, str(ROOT / "tests"))
from mini_project import make_mini_project

CHUNK = 50
DEADLOCK = 30
"""Seconds after which a worker that does not even react to its timer is ended."""
MEMORY = 4 << 30
"""Bytes of address space per worker: a file that needs more is a failure too."""


@click.command(help=__doc__, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--start", default=0, show_default=True, help="First seed.")
@click.option("--count", default=10_000, show_default=True, help="Number of files.")
@click.option("--jobs", default=2, show_default=True, help="Worker processes.")
@click.option(
    "--keep",
    type=click.Path(path_type=Path, file_okay=False),
    help="Write one minimized file for each distinct failure into this folder.",
)
def main(start: int, count: int, jobs: int, keep: Path | None) -> None:
    """Run the fuzzer; exit 1 if anything failed."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="guide-fuzz-") as name:
        folder = Path(name)
        failures: list[Failure] = []
        lost: list[int] = []
        bar = click.progressbar(_chunks(start, count, jobs, folder, lost), count // CHUNK)
        bar.file = sys.stderr
        with bar as chunks:
            for chunk in chunks:
                failures += chunk
        distinct = {(each.kind, each.where): each for each in reversed(failures)}
        harness = Harness(make_mini_project(folder / "shrink").root)
        for (kind, where), failure in sorted(distinct.items()):
            times = sum((each.kind, each.where) == (kind, where) for each in failures)
            click.echo(f"{kind}: {where}, {times} times, first with seed {failure.case.seed}")
            smallest = shrink(failure, harness)
            case = smallest.case
            click.echo(f"  {case.path} ({case.kind}, {len(case.data)} bytes): {smallest.detail}")
            click.echo(f"  {case.data[:200]!r}")
            if keep is not None:
                keep.mkdir(parents=True, exist_ok=True)
                (keep / f"{case.seed}-{Path(case.path).name}").write_bytes(case.data)
    for seed in lost:
        click.echo(f"the process ended (crash in C code, or no reaction): seed {seed}")
    seconds = time.monotonic() - began
    click.echo(
        f"{count:,} files from seed {start} in {seconds:.0f} s: {len(failures)} failures "
        f"of {len(distinct)} kinds, {len(lost)} lost processes"
    )
    if failures or lost:
        sys.exit(1)


def _chunks(
    start: int, count: int, jobs: int, folder: Path, lost: list[int]
) -> Iterator[list[Failure]]:
    """Failures by chunk of seeds; a seed that ends its process goes to `lost`."""
    todo = [
        (first, min(first + CHUNK, start + count)) for first in range(start, start + count, CHUNK)
    ]
    while todo:
        context = multiprocessing.get_context("spawn")
        pool = ProcessPoolExecutor(jobs, context, initializer=_start, initargs=(str(folder),))
        with pool:
            waiting = {pool.submit(_chunk, *span): span for span in todo}
            todo = []
            for future, span in waiting.items():
                try:
                    yield future.result()
                except BrokenProcessPool:
                    todo.append(span)
        if todo:
            # Whoever was at work may be guilty: run those seeds alone, and go on behind them.
            for mark in folder.glob("*.seed"):
                seed = int(mark.read_text("ascii") or -1)
                mark.unlink()
                for span in [each for each in todo if each[0] <= seed < each[1]]:
                    todo.remove(span)
                    todo += [
                        part for part in ((span[0], seed), (seed + 1, span[1])) if part[0] < part[1]
                    ]
                    if not _survives(seed, folder):
                        lost.append(seed)


def _survives(seed: int, folder: Path) -> bool:
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, context, initializer=_start, initargs=(str(folder),)) as pool:
        try:
            pool.submit(_chunk, seed, seed + 1).result()
        except BrokenProcessPool:
            return False
    return True


_harness: Harness
_corpus: Corpus
_mark: Path


def _start(folder: str) -> None:
    global _harness, _corpus, _mark
    root = make_mini_project(Path(folder) / f"mini-{os.getpid()}").root
    _harness, _corpus = Harness(root), Corpus.read(root, ROOT)
    _mark = Path(folder) / f"{os.getpid()}.seed"
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def _chunk(first: int, end: int) -> list[Failure]:
    failures = []
    for seed in range(first, end):
        _mark.write_text(str(seed), "ascii")
        faulthandler.dump_traceback_later(DEADLOCK, exit=True)
        failure = _harness.run(make_case(seed, _corpus))
        faulthandler.cancel_dump_traceback_later()
        if failure is not None:
            failures.append(failure)
    _mark.unlink(missing_ok=True)
    return failures


if __name__ == "__main__":
    main()
