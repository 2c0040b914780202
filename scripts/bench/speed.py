"""Measure how long `guide check` and its peers take: whole processes, medians, one machine.

The trees are the real guide and synthetic ones grown from it, so that growth shows. "Cold" means
without what an earlier check left in .cache (drawn diagrams stay), "warm" right after one,
"one page" after an edit of one page, named on the command line.

Examples:
  python scripts/bench/speed.py --pages 100
  python scripts/bench/speed.py --tools guide --pages 100 --pages 300 --pages 1000
"""

from __future__ import annotations

import os
import platform
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from synthetic import grow
from workspace import (
    GUIDE,
    ROOT,
    BenchError,
    copy_project,
    lychee,
    markdownlint,
    run,
    tool,
    write_between,
)

MARKER = "speed"
LONG = 30.0
"""Seconds; what takes longer is run once, and says so."""


@dataclass(frozen=True, slots=True)
class Job:
    """A command to time; `prepare` runs before each round and is not timed."""

    name: str
    tool: str
    command: Sequence[str]
    prepare: Callable[[int], None]
    accept: tuple[int, ...] = (0,)


@dataclass(frozen=True, slots=True)
class Timing:
    """Median seconds of `rounds` runs of a job on a tree of `pages` written pages."""

    name: str
    pages: int
    seconds: float
    rounds: int

    @property
    def cell(self) -> str:
        """Seconds, and seconds per 100 pages."""
        once = " (one run)" if self.rounds == 1 else ""
        return f"{self.seconds:.2f} s, {self.seconds / self.pages * 100:.2f} s per 100{once}"


def jobs(root: Path) -> list[Job]:
    """What is timed on the project at `root`, in this order: lychee reads what mkdocs built."""
    page = root / "docs" / "http" / "http-methods.md"
    original = page.read_text("utf-8")
    check = (*GUIDE, "check")

    def forget(_: int) -> None:
        cache = root / ".cache"
        for path in cache.iterdir() if cache.is_dir() else ():
            if path.name != "diagrams":
                shutil.rmtree(path) if path.is_dir() else path.unlink()

    def edit(number: int) -> None:
        old = "nobody may repeat it."
        if old not in original:
            raise BenchError(f"{page} no longer holds {old!r}: choose another sentence to edit")
        page.write_text(original.replace(old, f"{old} Sentence {number}.", 1), "utf-8")

    def restore(_: int) -> None:
        page.write_text(original, "utf-8")

    name = page.relative_to(root).as_posix()
    site = root / "site"
    return [
        # Among a thousand shuffled pages some resemble each other: a finding is no fault here.
        Job("guide check, cold", "guide", check, forget, (0, 1)),
        Job("guide check, warm", "guide", check, _nothing, (0, 1)),
        Job("guide check, one page", "guide", (*check, name), edit, (0, 1)),
        Job("rumdl", "rumdl", (tool("rumdl"), "check", "--no-cache", "docs"), restore),
        Job("markdownlint-cli2", "markdownlint", markdownlint(), _nothing, (0, 1)),
        Job(
            "mkdocs build --strict",
            "mkdocs",
            (tool("mkdocs"), "build", "--strict", "--site-dir", str(site)),
            _nothing,
        ),
        Job("lychee on the site", "lychee", lychee(site), _nothing, (0, 2)),
    ]


def measure(job: Job, root: Path, pages: int, rounds: int) -> Timing:
    """Time `job`; raise BenchError if it does not end as it should on a clean tree."""
    seconds: list[float] = []
    for number in range(rounds):
        job.prepare(number)
        began = time.perf_counter()
        done = run(job.command, root)
        seconds.append(time.perf_counter() - began)
        if done.returncode not in job.accept:
            said = (done.stdout + done.stderr).strip()[-1500:]
            raise BenchError(f"{job.name} ended with {done.returncode} on {pages} pages:\n{said}")
        if seconds[-1] > LONG:
            break
    return Timing(job.name, pages, statistics.median(seconds), len(seconds))


@click.command(help=__doc__, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--pages", "sizes", multiple=True, type=int, default=(100, 300, 1000), show_default=True
)
@click.option("--rounds", default=5, show_default=True, help="Processes per median.")
@click.option("--tools", default="guide,rumdl,markdownlint,mkdocs,lychee", show_default=True)
@click.option(
    "--markdown", type=click.Path(path_type=Path), help=f"Write the table into {MARKER} markers."
)
def main(sizes: tuple[int, ...], rounds: int, tools: str, markdown: Path | None) -> None:
    """Run the benchmark and print its table."""
    timings: list[Timing] = []
    try:
        with tempfile.TemporaryDirectory(prefix="guide-speed-") as name:
            for size in (0, *sizes):
                root = copy_project(ROOT, Path(name) / f"pages-{size}")
                pages = grow(root, size)
                for job in jobs(root):
                    if job.tool in tools.split(","):
                        timings.append(measure(job, root, pages, rounds))
                        click.echo(f"{pages:5} pages  {job.name:24} {timings[-1].cell}")
                shutil.rmtree(root)
        if markdown is not None:
            write_between(markdown, MARKER, _table(timings))
    except BenchError as error:
        raise click.ClickException(str(error)) from error


def _table(timings: Sequence[Timing]) -> str:
    sizes = sorted({each.pages for each in timings})
    lines = [
        f"Median wall-clock time of whole processes; {platform.machine()}, "
        f"{os.cpu_count()} cores, Python {platform.python_version()}.",
        "",
        "| | " + " | ".join(f"{size:,} pages" for size in sizes) + " |",
        "|---|" + "---:|" * len(sizes),
    ]
    for name in dict.fromkeys(each.name for each in timings):
        cells = {each.pages: each.cell for each in timings if each.name == name}
        lines.append(f"| {name} | " + " | ".join(cells.get(size, "") for size in sizes) + " |")
    return "\n".join(lines)


def _nothing(_: int) -> None:
    """Some jobs need no preparation."""


if __name__ == "__main__":
    main()
