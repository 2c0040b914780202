"""Measure what an author waits for: `guide check` and `guide build` on a copy of this guide.

"Cold" is without .cache: every diagram is drawn, every page read, rendered and checked. "Warm" is
right after that, "one page" after an edit of one. With --examples also `guide examples` without
what it remembers, which needs every engine; both together must keep the limit of a cold build.

Examples:
  python scripts/bench/building.py
  python scripts/bench/building.py --examples --record
"""

from __future__ import annotations

import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import click

from figures import GUIDE as OURS
from figures import PAGE, Figure, record
from workspace import GUIDE, ROOT, BenchError, copy_project, run

MARKER = "build"
_EDITED = "docs/http/http-methods.md"
_SENTENCE = "nobody may repeat it."


@dataclass(frozen=True, slots=True)
class Job:
    """A command to time in a copy, what goes before each round, its rounds, perhaps a limit."""

    name: str
    command: str
    prepare: Callable[[Path, int], None]
    rounds: int
    limit: int | None


def forget(root: Path, _: int) -> None:
    """Remove all that is remembered."""
    shutil.rmtree(root / ".cache", ignore_errors=True)


def edit(root: Path, number: int) -> None:
    """Change a sentence of a page, another way each time."""
    page = root / _EDITED
    text = page.read_text("utf-8")
    if _SENTENCE not in text:
        raise BenchError(f"{_EDITED} no longer holds {_SENTENCE!r}: choose another sentence")
    page.write_text(text.replace(_SENTENCE, f"{_SENTENCE} Edit {number}.", 1), "utf-8")


def keep(root: Path, _: int) -> None:
    """Leave everything as it is."""


COLD = Job("`guide build`, cold", "build", forget, 1, 300)
JOBS = (
    COLD,
    Job("`guide build`, warm", "build", keep, 5, 20),
    Job("`guide build`, one page edited", "build", edit, 3, 20),
    Job("`guide check`, warm", "check", keep, 5, 3),
    Job("`guide check`, one page edited", "check", edit, 3, 3),
)
EXAMPLES = Job("`guide examples`, cold", "examples", forget, 1, None)


def measure(job: Job, root: Path) -> float:
    """Median wall-clock seconds; raise BenchError if the command does not end well."""
    seconds = []
    for number in range(job.rounds):
        job.prepare(root, number)
        began = time.perf_counter()
        done = run((*GUIDE, job.command), root)
        seconds.append(time.perf_counter() - began)
        if done.returncode:
            said = (done.stdout + done.stderr).strip()[-1500:]
            raise BenchError(f"guide {job.command} ended with {done.returncode}:\n{said}")
    return statistics.median(seconds)


@click.command(help=__doc__, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--examples", is_flag=True, help="Run all examples, too.")
@click.option("--record", "keep_them", is_flag=True, help=f"Write the figures into {PAGE.name}.")
def main(examples: bool, keep_them: bool) -> None:
    """Run the benchmark, print its figures and record them if asked to."""
    figures = []
    try:
        with tempfile.TemporaryDirectory(prefix="guide-building-") as name:
            root = copy_project(ROOT, Path(name) / "guide", drawings=False)
            took = {}
            for job in (*JOBS, *([EXAMPLES] if examples else [])):
                took[job] = measure(job, root)
                figures.append(_figure(job.name, took[job], job.limit))
            if examples:
                both = took[COLD] + took[EXAMPLES]
                figures.append(_figure("both together, cold", both, COLD.limit))
        if keep_them:
            record(MARKER, figures)
    except BenchError as error:
        raise click.ClickException(str(error)) from error


def _figure(name: str, seconds: float, limit: int | None) -> Figure:
    click.echo(f"{name}: {seconds:.1f} s" + (f" of {limit}" if limit else ""))
    asked = f"within {limit} s" if limit else ""
    holds = None if limit is None else seconds <= limit
    return Figure(name, asked, {OURS: f"{seconds:.1f} s"}, holds)


if __name__ == "__main__":
    main()
