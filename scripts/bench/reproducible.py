"""Build the guide twice, in different places and circumstances, and compare every byte.

The second build has another path, clock, time zone, locale, seed of hashes, mode mask, age of its
files and order in its folders. Neither has a cache: every diagram is drawn twice, which takes
minutes (`--drawings` brings those of this checkout along). A different clock needs faketime, the
sheets as PDF need Chromium.

Example:
  python scripts/bench/reproducible.py
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import click

from circumstances import PLAIN, Circumstances, digests, other
from figures import GUIDE as OURS
from figures import Figure, record
from workspace import GUIDE, ROOT, BenchError, copy_project

MARKER = "reproducible"
_CONTEXT = 60
_UNUSED = shutil.ignore_patterns("vnu-jar")


def build(root: Path, circumstances: Circumstances, pdf: bool) -> float:
    """Build the project at `root`; return the seconds that took."""
    environment = {
        **os.environ,
        "CI": "true",
        "PYTHONPATH": str(root / "scripts"),
        "PYTHONDONTWRITEBYTECODE": "1",
        "GUIDE_SITE_URL": "https://example.org/guide/",
    }
    began = time.perf_counter()
    done = circumstances.run([*GUIDE, "build", *(["--pdf"] if pdf else [])], root, environment)
    if done.returncode:
        raise BenchError(f"the build in {root} failed:\n{(done.stdout + done.stderr)[-3000:]}")
    return time.perf_counter() - began


def compare(first: Path, second: Path) -> list[str]:
    """What differs between two folders, one line for each file."""
    ours, theirs = digests(first), digests(second)
    lines = [f"only in the first: {path}" for path in sorted(ours.keys() - theirs.keys())]
    lines += [f"only in the second: {path}" for path in sorted(theirs.keys() - ours.keys())]
    for path in sorted(ours.keys() & theirs.keys()):
        if ours[path] != theirs[path]:
            lines.append(f"{path}: {_difference(first / path, second / path)}")
    return lines


def _difference(first: Path, second: Path) -> str:
    one, two = first.read_bytes(), second.read_bytes()
    at = next(
        (place for place, (a, b) in enumerate(zip(one, two, strict=False)) if a != b),
        min(len(one), len(two)),
    )
    begin = max(0, at - _CONTEXT // 2)
    around = [text[begin : begin + _CONTEXT] for text in (one, two)]
    return f"{len(one):,} and {len(two):,} bytes; from byte {at:,}: {around[0]!r} / {around[1]!r}"


@click.command(help=__doc__, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--pdf/--no-pdf", default=shutil.which("chromium") is not None, show_default=True)
@click.option("--drawings", is_flag=True, help="Begin with the drawings that are in .cache.")
@click.option("--keep", type=click.Path(path_type=Path), help="Keep both builds in this folder.")
@click.option("--record", "kept", is_flag=True, help="Record the figure on the page of all.")
def main(pdf: bool, drawings: bool, keep: Path | None, kept: bool) -> None:
    """Build twice, print what differs and the table; exit 1 if anything differs."""
    with tempfile.TemporaryDirectory(prefix="guide-twice-") as name:
        folder = keep or Path(name)
        places = {
            folder / "first" / "guide": PLAIN,
            folder / "second" / "another place, é" / "checkout": other(),
        }
        try:
            seconds = []
            for root, circumstances in places.items():
                copy_project(ROOT, root, drawings)
                tools = Path("scripts", "npm")
                (root / tools).unlink()  # the link that other benchmarks share has one path
                shutil.copytree(ROOT / tools, root / tools, symlinks=True, ignore=_UNUSED)
                if (ROOT / ".git").is_dir():
                    shutil.copytree(ROOT / ".git", root / ".git", symlinks=True)
                seconds.append(build(root, circumstances, pdf))
                click.echo(f"built in {root} within {seconds[-1]:.0f} s")
            first, second = (root / "site" for root in places)
            different = compare(first, second)
            table = _table(places, first, different, pdf)
            if kept:
                record(MARKER, [_figure(len(digests(first)), len(different), pdf)])
        except BenchError as error:
            raise click.ClickException(str(error)) from error
    click.echo("\n".join([*different, "", table]))
    sys.exit(1 if different else 0)


def _figure(files: int, different: int, pdf: bool) -> Figure:
    what = "files with the same bytes in a build of another place, day and machine setting"
    return Figure(
        f"{what}{'' if pdf else ', without PDF'}",
        "all",
        {OURS: f"{files - different:,} of {files:,}"},
        not different,
    )


def _table(
    places: Mapping[Path, Circumstances], site: Path, different: list[str], pdf: bool
) -> str:
    kinds = Counter(path.suffix or path.name for path in site.rglob("*") if path.is_file())
    total = sum(kinds.values())
    most = ", ".join(f"{number:,} {kind}" for kind, number in kinds.most_common())
    verdict = f"{len(different):,} differ" if different else "all have the same bytes in both"
    one, two = places.values()
    rows = [
        f"| {name} | {value} | {there} |"
        for (name, value), (_, there) in zip(one.rows(), two.rows(), strict=True)
    ]
    return "\n".join(
        [
            f"Of {total:,} files, {verdict} ({most}{'' if pdf else '; sheets not printed'}).",
            "",
            "| | First build | Second build |",
            "|---|---|---|",
            "| Path | `first/guide` | `second/another place, é/checkout` |",
            *rows,
        ]
    )


if __name__ == "__main__":
    main()
