"""Measure what `guide check` and its peers find: one known defect at a time, in the real guide.

Each class of defects is injected at seeded random places into a copy of the project. A tool
detects a defect if it reports something that it does not report on the unbroken copy; it locates
it if such a report stands within two lines of the defect, in the right file. Harmless edits run
the same way: whatever a tool reports about those is a false positive.

Examples:
  python scripts/bench/detection.py --tools guide
  python scripts/bench/detection.py --only link-missing-page --per-class 20 --json misses.json
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import multiprocessing
import random
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path

import click

from defects import DEFECTS, HARMLESS, Injection, NoPlaceError, Tree
from outcome import Outcome
from summary import markdown_table, overview, text_table
from tools import LOCATING, TOOLS, CrashError, Report, guide_command, new_reports
from workspace import ROOT, BenchError, copy_project, write_between

NEAR = 2
"""Lines between a defect and a report that still point a reader to it."""
MARKER = "detection"


@dataclass(frozen=True, slots=True)
class Task:
    """One injection to make and the tools that shall look at it."""

    name: str
    number: int
    seed: int
    tools: tuple[str, ...]

    @property
    def key(self) -> str:
        """What the injection's random numbers hang on."""
        return f"{self.seed}/{self.name}/{self.number}"


class Bench:
    """One copy of the project with what each tool reports on it unbroken."""

    def __init__(self, root: Path, tools: Sequence[str]) -> None:
        self.root = copy_project(ROOT, root)
        self.tree = Tree.read(self.root)
        self.before = {name: TOOLS[name](self.root) for name in tools}

    @contextlib.contextmanager
    def broken(self, injection: Injection) -> Iterator[None]:
        """The copy with `injection` in it."""
        file = self.root / injection.file
        old = file.read_bytes()
        file.write_bytes(injection.text.encode("utf-8"))
        try:
            yield
        finally:
            file.write_bytes(old)

    def inject(self, task: Task) -> Injection:
        """The edit of `task`; raise NoPlaceError if the guide has no place for it."""
        edit = {**DEFECTS, **HARMLESS}[task.name]
        made = edit.inject(random.Random(task.key), self.tree)
        if made.text == self.tree.texts[made.file]:
            raise NoPlaceError("the edit changes nothing")
        return made

    def outcomes(self, task: Task) -> list[Outcome]:
        """Make the injection of `task` and let its tools look."""
        injection = self.inject(task)
        with self.broken(injection):
            return [self._outcome(task, injection, name) for name in task.tools]

    def _outcome(self, task: Task, injection: Injection, tool: str) -> Outcome:
        crash, fresh = "", []
        try:
            fresh = new_reports(self.before[tool], TOOLS[tool](self.root))
        except CrashError as error:
            crash = str(error)
        return Outcome(
            name=task.name,
            family={**DEFECTS, **HARMLESS}[task.name].family,
            number=task.number,
            tool=tool,
            detected=bool(fresh),
            located=any(_near(report, injection) for report in fresh),
            crash=crash,
            file=injection.file,
            line=injection.line,
            about=injection.about,
            reports=tuple(fresh[:5]),
        )


@click.command(help=__doc__, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--seed", default=1, show_default=True, help="Chooses all places.")
@click.option("--per-class", default=3, show_default=True, help="Injections for `guide check`.")
@click.option("--peer-per-class", default=1, show_default=True, help="Injections for the peers.")
@click.option("--only", multiple=True, metavar="CLASS", help="Only this class or family.")
@click.option(
    "--tools",
    default=",".join(TOOLS),
    show_default=True,
    help="Tools to run, separated by commas; lychee needs mkdocs.",
)
@click.option("--verify", default=10, show_default=True, help="Runs to repeat by the command.")
@click.option("--jobs", default=2, show_default=True, help="Worker processes.")
@click.option("--json", "json_file", type=click.Path(path_type=Path), help="Write the misses here.")
@click.option(
    "--markdown",
    type=click.Path(path_type=Path),
    help=f"Write the summary into this page's {MARKER} markers.",
)
@click.option("--list", "list_", is_flag=True, help="List the classes and stop.")
def main(
    seed: int,
    per_class: int,
    peer_per_class: int,
    only: tuple[str, ...],
    tools: str,
    verify: int,
    jobs: int,
    json_file: Path | None,
    markdown: Path | None,
    list_: bool,
) -> None:
    """Run the benchmark and print its tables."""
    if list_:
        for each in (*DEFECTS.values(), *HARMLESS.values()):
            click.echo(f"{each.family:12} {each.name}")
        return
    chosen = [name for name in TOOLS if name in tools.split(",")]
    if unknown := set(tools.split(",")) - set(TOOLS):
        raise click.UsageError(f"no such tool: {', '.join(sorted(unknown))}")
    names = [
        each.name
        for each in (*DEFECTS.values(), *HARMLESS.values())
        if not only or each.name in only or each.family in only
    ]
    if not names:
        raise click.UsageError("--only names no class; --list lists them")
    tasks = [
        Task(name, number, seed, tuple(_looking(chosen, number, per_class, peer_per_class)))
        for name in names
        for number in range(max(per_class, peer_per_class))
    ]
    tasks = [task for task in tasks if task.tools]
    started = time.monotonic()
    try:
        outcomes, baseline = _run(tasks, chosen, jobs)
    except BrokenProcessPool as error:
        raise click.ClickException("a worker ended; its traceback stands above") from error
    except BenchError as error:
        raise click.ClickException(str(error)) from error
    click.echo(text_table(outcomes, chosen))
    click.echo(overview(outcomes, chosen, baseline))
    click.echo(f"{len(tasks)} injections, seed {seed}, {time.monotonic() - started:.0f} s")
    if "guide" in chosen and verify:
        click.echo(_verify(random.Random(seed).sample(tasks, min(verify, len(tasks)))))
    if json_file is not None:
        json_file.write_text(json.dumps(_misses(outcomes), indent=2, ensure_ascii=False), "utf-8")
    if markdown is not None:
        write_between(markdown, MARKER, markdown_table(outcomes, chosen, baseline, seed))


def _looking(tools: Sequence[str], number: int, per_class: int, peer: int) -> Iterator[str]:
    for name in tools:
        if number < (per_class if name == "guide" else peer):
            yield name


_bench: Bench


def _start(tools: Sequence[str], folder: str) -> None:
    global _bench
    _bench = Bench(Path(folder) / str(multiprocessing.current_process().pid), tools)


def _outcomes(task: Task) -> tuple[Task, list[Outcome], str]:
    try:
        return task, _bench.outcomes(task), ""
    except NoPlaceError as error:
        return task, [], str(error)


def _baseline(tools: Sequence[str]) -> dict[str, list[Report]]:
    return {name: _bench.before[name] for name in tools}


def _run(
    tasks: Sequence[Task], tools: Sequence[str], jobs: int
) -> tuple[list[Outcome], dict[str, list[Report]]]:
    """All outcomes in the order of the tasks, and the reports on the unbroken tree."""
    found: list[Outcome] = []
    with (
        tempfile.TemporaryDirectory(prefix="guide-bench-") as folder,
        ProcessPoolExecutor(
            jobs, multiprocessing.get_context("spawn"), _start, (tools, folder)
        ) as pool,
    ):
        baseline = pool.submit(_baseline, tools).result()
        bar = click.progressbar(pool.map(_outcomes, tasks), len(tasks), file=sys.stderr)
        with bar as results:
            for task, outcomes, reason in results:
                found += outcomes
                if reason:
                    click.echo(f"{task.name} #{task.number}: not injected: {reason}", err=True)
    return found, baseline


def _verify(tasks: Sequence[Task]) -> str:
    """Repeat `tasks` with the real command; its findings must be those of the library calls."""
    with tempfile.TemporaryDirectory(prefix="guide-bench-") as folder:
        bench = Bench(Path(folder) / "copy", ("guide",))
        for task in tasks:
            try:
                injection = bench.inject(task)
            except NoPlaceError:
                continue
            with bench.broken(injection):
                called, commanded = TOOLS["guide"](bench.root), guide_command(bench.root)
            if set(called) != set(commanded):
                odd = sorted(map(str, set(called) ^ set(commanded)))
                return f"DIFFERS from `guide check --format json` on {task.key}: {odd[:4]}"
    return f"`guide check --format json` reported the same on all {len(tasks)} repeated."


def _near(report: Report, injection: Injection) -> bool:
    return any(
        report.file == file and report.line and abs(report.line - line) <= NEAR
        for file, line in injection.places
    )


def _misses(outcomes: Sequence[Outcome]) -> list[dict[str, object]]:
    """What went wrong: undetected and unlocated defects, crashes, and false positives."""
    return [
        dataclasses.asdict(each)
        for each in outcomes
        if each.crash
        or (
            each.detected
            if each.family == "harmless"
            else not each.detected or (each.tool in LOCATING and not each.located)
        )
    ]


if __name__ == "__main__":
    main()
