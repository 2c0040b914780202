"""Kill a build at every moment of its life and look at what it leaves.

A small guide is built, changed and built again; that second build is killed after a little
longer each time, by SIGKILL (nothing can be tidied up) and by SIGINT (Ctrl-C). After each, site/
has to be one of the two whole sites, no process may go on, and the next build has to succeed,
publish the new site and leave nothing beside it.

Examples:
  python scripts/bench/interruptions.py
  python scripts/bench/interruptions.py --every 0.05 --signals KILL
"""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import click
import psutil

from circumstances import digests
from figures import GUIDE as OURS
from figures import Figure, record
from workspace import GUIDE, ROOT, BenchError

sys.path.insert(0, str(ROOT / "tests"))
from mini_project import make_mini_project

BUILD = [*GUIDE, "build"]
ENVIRONMENT = {**os.environ, "CI": "true", "PYTHONPATH": str(ROOT / "scripts")}
MARKER = "interruptions"
_GRACE = 5.0
"""Seconds in which all processes of a killed build have to be gone."""
Site = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Left:
    """What a build left that `signal` ended `after` so many seconds.

    Whether the next build `published` the new site, and what was `beside` it then.
    """

    signal: str
    after: float
    site: Literal["old", "new", "neither"]
    processes: int
    published: bool
    beside: tuple[str, ...]

    @property
    def is_good(self) -> bool:
        """Whether all is as it has to be."""
        return self.site != "neither" and not self.processes and self.published and not self.beside


def try_out(root: Path, name: str, after: float, old: Site, new: Site) -> Left | None:
    """Kill a build of the project at `root`; None if it was over before that."""
    process = subprocess.Popen(
        BUILD, cwd=root, env=ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        process.wait(after)
    except subprocess.TimeoutExpired:
        process.send_signal(getattr(signal, f"SIG{name}"))
        process.wait()
    else:
        return None
    there = digests(root / "site")
    site = "old" if there == old else "new" if there == new else "neither"
    processes = _left(root)
    _build(root)
    published = digests(root / "site") == new
    beside = [path.name for path in (*root.glob(".site*"), *root.glob(".cache/**/.*.new"))]
    return Left(name, after, site, processes, published, tuple(sorted(beside)))


def all_moments(snapshot: Path, name: str, every: float, old: Site, new: Site) -> Iterator[Left]:
    """Kill builds of copies of `snapshot`, each a little later, until one is over before."""
    for number in itertools.count(1):
        root = snapshot.with_name("copy")
        shutil.copytree(snapshot, root)
        left = try_out(root, name, number * every, old, new)
        shutil.rmtree(root)
        if left is None:
            return
        yield left


def _left(root: Path) -> int:
    """How many processes work in `root` and do not end."""
    end = time.monotonic() + _GRACE
    while (count := sum(_works_in(each, root) for each in psutil.process_iter())) and (
        time.monotonic() < end
    ):
        time.sleep(0.05)
    return count


def _works_in(process: psutil.Process, root: Path) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE and Path(process.cwd()) == root
    except (psutil.Error, OSError):
        return False


def _build(root: Path) -> None:
    done = subprocess.run(
        BUILD, cwd=root, env=ENVIRONMENT, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise BenchError(f"the small guide does not build:\n{done.stdout}{done.stderr}")


def _snapshot(root: Path) -> tuple[Site, Site]:
    """Make a project at `root` whose diagram was changed after its build: both its sites."""
    project = make_mini_project(root)
    subprocess.run(
        [*GUIDE, "check", "--fix"], cwd=root, env=ENVIRONMENT, capture_output=True, check=True
    )
    _build(root)
    project.replace("docs/http/methods.md", "B[Server]", "B[Service]")
    changed = root.with_name("changed")
    shutil.copytree(root, changed)
    _build(changed)
    return digests(root / "site"), digests(changed / "site")


@click.command(help=__doc__, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--every", default=0.2, show_default=True, help="Seconds between two moments.")
@click.option("--signals", default="KILL,INT", show_default=True)
@click.option(
    "--record", "keep", is_flag=True, help="Record the figures for the page that has all."
)
def main(every: float, signals: str, keep: bool) -> None:
    """Run the benchmark, print its table; exit 1 if anything is not as it has to be."""
    found: list[Left] = []
    try:
        with tempfile.TemporaryDirectory(prefix="guide-killed-") as folder:
            snapshot = Path(folder).resolve() / "snapshot"
            old, new = _snapshot(snapshot)
            for name in signals.split(","):
                for left in all_moments(snapshot, name, every, old, new):
                    found.append(left)
                    click.echo(f"SIG{name} after {left.after:5.2f} s: {left}", err=True)
        if keep:
            record(MARKER, [_figure(found, every)])
    except BenchError as error:
        raise click.ClickException(str(error)) from error
    click.echo(_table(found, every))
    sys.exit(0 if all(each.is_good for each in found) else 1)


def _figure(found: Sequence[Left], every: float) -> Figure:
    good = sum(each.is_good for each in found)
    return Figure(
        f"builds ended every {every:g} s that leave a whole site and a next build that publishes",
        "all",
        {OURS: f"{good} of {len(found)}"},
        good == len(found),
    )


def _table(found: Sequence[Left], every: float) -> str:
    lines = [
        f"A small guide's build, ended every {every:g} s of its life.",
        "",
        "| | Moments | Old site | New site | Neither | Processes left | Next build publishes "
        "| Leftovers |",
        "|---|" + "---:|" * 7,
    ]
    for name in dict.fromkeys(each.signal for each in found):
        own = [each for each in found if each.signal == name]
        sites = Counter(each.site for each in own)
        cells = [
            len(own),
            *(sites[each] for each in ("old", "new", "neither")),
            sum(each.processes for each in own),
            sum(each.published for each in own),
            sum(len(each.beside) for each in own),
        ]
        lines.append(f"| SIG{name} | {' | '.join(map(str, cells))} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
