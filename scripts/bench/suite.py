"""Measure how long the test suite takes: all of it, and what `make quick` runs.

Both commands of the README run as they are, in this checkout, on the whole machine.

Example:
  python scripts/bench/suite.py --record
"""

from __future__ import annotations

import re
import subprocess
import time

import click

from figures import GUIDE, PAGE, Figure, record
from workspace import ROOT, BenchError

MARKER = "suite"
TARGETS = {"test": 8 * 60, "quick": 90}
"""Targets of the Makefile, and the seconds that each may take."""
_SUMMARY = re.compile(r"=+ (.*passed.*) in ")


def measure(target: str, limit: int) -> Figure:
    """Time `make TARGET`; raise BenchError if a test fails."""
    began = time.perf_counter()
    done = subprocess.run(["make", target], cwd=ROOT, capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - began
    said = _SUMMARY.findall(done.stdout)
    if done.returncode or not said:
        raise BenchError(f"make {target} ended with {done.returncode}:\n{done.stdout[-1500:]}")
    name = f"`make {target}`: {said[-1]}"
    return Figure(name, f"under {limit} s", {GUIDE: f"{seconds:.0f} s"}, seconds < limit)


@click.command(help=__doc__, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--record", "keep", is_flag=True, help=f"Write the figures into {PAGE.name}.")
def main(keep: bool) -> None:
    """Run both, print how long they took and record it if asked to."""
    try:
        figures = [measure(target, limit) for target, limit in TARGETS.items()]
    except BenchError as error:
        raise click.ClickException(str(error)) from error
    for each in figures:
        click.echo(f"{each.name}: {each.values[GUIDE]} ({each.asked})")
    if keep:
        record(MARKER, figures)


if __name__ == "__main__":
    main()
