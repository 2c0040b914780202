"""Measure how the build grows with the guide: synthetic libraries of the shape of the real one.

For each size: `guide check` from nothing and again; the steps of `guide build` from nothing (but
drawn diagrams), again, and after an edit of one page; one page rendered by itself; and the memory
of the largest process. The exponent is that of a power of the text, fitted to CPU seconds, which
other work on the machine disturbs least: 1 is linear, 2 is quadratic. The text and not the number
of pages, because pages that are added are topics, longer than the average of the first 300.

Examples:
  python scripts/bench/growth.py --pages 300 --pages 1000
  python scripts/bench/growth.py --record
"""

from __future__ import annotations

import json
import math
import os
import platform
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from figures import GUIDE as OURS
from figures import PAGE, Figure, record
from synthetic import grow
from workspace import BENCH, GUIDE, ROOT, BenchError, copy_project, run, write_between

MARKER = "growth"
LINEAR = 1.15
"""Up to this exponent growth counts as linear: fixed costs pull it down, noise either way."""
_EDITED = "docs/http/http-methods.md"
_SENTENCE = "nobody may repeat it."
_ASKED = ("`guide check`, again", "`guide build`, from nothing", "`guide build`, again")
"""What stands in the table of all figures; the rest in that of this benchmark."""


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure of a library of `pages` pages, which hold `text` megabytes of Markdown.

    `value` are wall-clock seconds or megabytes, `cpu` what is fitted.
    """

    name: str
    pages: int
    text: float
    value: float
    cpu: float
    unit: str = "s"


def measures(root: Path, pages: int, build: bool) -> list[Measure]:
    """Everything measured on the library of `pages` pages at `root`, in this order."""
    found: list[Measure] = []
    text = _megabytes((root / "docs").rglob("*.md"))

    def add(name: str, value: float, cpu: float, unit: str = "s") -> None:
        found.append(Measure(name, pages, text, value, cpu, unit))
        click.echo(f"{pages:6,} pages  {name:40} {_cell(found[-1])}  ({cpu:.2f} s of CPU)")

    add("Markdown", text, text, "MB")
    _steps(root, "draw")
    for name in ("`guide check`, from nothing", "`guide check`, again"):
        add(name, *_timed(lambda: _checked(root)))
    if not build:
        return found
    for name in ("from nothing", "again", "one page edited"):
        if name == "one page edited":
            _edit(root)
        steps: dict[str, Any] = {}
        wall, cpu = _timed(lambda into=steps: into.update(_steps(root, "build")))
        add(f"`guide build`, {name}", wall, cpu)
        if name == "again":
            for step in ("check", "render", "verify"):
                add(f"of that: {step}", steps[step], steps[step])
            add("largest process", steps["memory"] / 1000, steps["memory"] / 1000, "MB")
        click.echo(f"       findings: {steps['findings'] or 'none'}", err=True)
    page = _steps(root, "page", "15")["page"]
    add("rendering one page", page, page)
    size = _megabytes((root / "site").rglob("*.html"))
    add("HTML of the site", size, size, "MB")
    return found


def exponent(points: Sequence[tuple[float, float]]) -> float:
    """Slope of the line through `points` (text, cost) in logarithms, by least squares."""
    logs = [(math.log(text), math.log(max(cost, 1e-9))) for text, cost in points]
    mean_x = sum(x for x, _ in logs) / len(logs)
    mean_y = sum(y for _, y in logs) / len(logs)
    spread = sum((x - mean_x) ** 2 for x, _ in logs)
    return sum((x - mean_x) * (y - mean_y) for x, y in logs) / spread


def table(found: Sequence[Measure]) -> str:
    """The figures as Markdown, with the exponent of each row and what is not linear."""
    sizes = sorted({each.pages for each in found})
    lines = [
        f"Wall-clock time of whole processes; {platform.machine()}, {os.cpu_count()} cores, "
        f"Python {platform.python_version()}. Drawn diagrams are kept; a size counts pages that "
        "are written, generated ones come on top. Growth is that with the text, the Markdown.",
        "",
        "| | " + " | ".join(f"{size:,} pages" for size in sizes) + " | Grows like |",
        "|---|" + "---:|" * (len(sizes) + 1),
    ]
    for name in dict.fromkeys(each.name for each in found):
        own = {each.pages: each for each in found if each.name == name}
        cells = [_cell(own[size]) if size in own else "" for size in sizes]
        power = None if name == "Markdown" else _power(name, found)
        grows = "" if power is None else f"text^{power:.2f}"
        if power is not None and power > LINEAR:
            grows = f"**{grows}**"
        lines.append(f"| {name} | " + " | ".join(cells) + f" | {grows} |")
    return "\n".join(lines)


def figures(found: Sequence[Measure]) -> list[Figure]:
    """How the commands grow between the smallest and the largest library each was run on."""
    figures = []
    for name in _ASKED:
        power = _power(name, found)
        if power is not None:
            sizes = [each.pages for each in found if each.name == name]
            between = f"from {min(sizes):,} to {max(sizes):,} pages"
            holds = power <= LINEAR
            grows = {OURS: f"text^{power:.2f}"}
            figures.append(Figure(f"{name}, {between}", "linear", grows, holds))
    return figures


def _power(name: str, found: Sequence[Measure]) -> float | None:
    points = [(each.text, each.cpu) for each in found if each.name == name]
    return exponent(points) if len(points) > 1 else None


@click.command(help=__doc__, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--pages", "sizes", multiple=True, type=int, default=(300, 1000, 5000), show_default=True
)
@click.option("--largest-build", default=1000, show_default=True, help="Only check beyond it.")
@click.option("--keep", type=click.Path(path_type=Path), help="Keep the libraries in this folder.")
@click.option("--record", "keep_them", is_flag=True, help=f"Write the figures into {PAGE.name}.")
def main(sizes: tuple[int, ...], largest_build: int, keep: Path | None, keep_them: bool) -> None:
    """Run the benchmark and print its table."""
    found: list[Measure] = []
    with tempfile.TemporaryDirectory(prefix="guide-growth-") as name:
        for size in sizes:
            root = copy_project(ROOT, (keep or Path(name)) / f"pages-{size}")
            try:
                found += measures(root, grow(root, size), size <= largest_build)
            except BenchError as error:
                raise click.ClickException(str(error)) from error
            if keep is None:
                shutil.rmtree(root)
    click.echo(table(found))
    if keep_them:
        record(MARKER, figures(found))
        write_between(PAGE, MARKER, table(found))


def _megabytes(files: Iterable[Path]) -> float:
    return sum(file.stat().st_size for file in files) / 1e6


def _timed(work: Callable[[], object]) -> tuple[float, float]:
    """Wall-clock and CPU seconds that the processes started by `work` take."""
    began, used = time.perf_counter(), _used()
    work()
    return time.perf_counter() - began, _used() - used


def _used() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _checked(root: Path) -> None:
    done = run((*GUIDE, "check"), root)
    if done.returncode not in (0, 1):
        raise BenchError(f"guide check ended with {done.returncode}:\n{done.stderr[-1500:]}")


def _steps(root: Path, *arguments: str) -> dict[str, Any]:
    done = run((sys.executable, str(BENCH / "steps.py"), *arguments), root)
    if done.returncode:
        raise BenchError(f"steps.py ended with {done.returncode}:\n{done.stderr[-1500:]}")
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def _edit(root: Path) -> None:
    page = root / _EDITED
    text = page.read_text("utf-8")
    if _SENTENCE not in text:
        raise BenchError(f"{_EDITED} no longer holds {_SENTENCE!r}: choose another sentence")
    page.write_text(text.replace(_SENTENCE, f"{_SENTENCE} So it is.", 1), "utf-8")


def _cell(measure: Measure) -> str:
    if measure.unit == "MB":
        return f"{measure.value:,.0f} MB"
    if measure.value < 1:
        return f"{measure.value * 1000:.0f} ms"
    return f"{measure.value:,.1f} s"


if __name__ == "__main__":
    main()
