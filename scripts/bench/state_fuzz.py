"""Offer hostile texts as a reader's state, to import and as what the browser has stored.

Nothing may throw, nothing that the reader had may be lost, and what makes no sense is rejected or
set aside. Texts are seeded: good, cut, scrambled, with hostile values, of other versions, nonsense.

Examples:
  python scripts/bench/state_fuzz.py --count 10000
  python scripts/bench/state_fuzz.py --start 4711 --count 1
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import dataclass

import click

from guide.examples import toolchains
from workspace import ROOT

PROGRAM = ROOT / "scripts" / "bench" / "state_fuzz.mjs"


@dataclass(frozen=True)
class Failure:
    """A text that broke something; the seed makes it again."""

    seed: int
    error: str
    text: str


@dataclass(frozen=True)
class Outcome:
    """How many texts were taken whole, in part and not at all, and what went wrong."""

    taken: int
    partly: int
    refused: int
    failures: tuple[Failure, ...]


def fuzz(start: int, count: int) -> Outcome:
    """Try the texts of `count` seeds from `start`."""
    done = subprocess.run(
        [toolchains.node().path, PROGRAM, str(start), str(count)],
        capture_output=True,
        text=True,
        check=True,
    )
    found = json.loads(done.stdout)
    failures = tuple(Failure(**each) for each in found.pop("failures"))
    return Outcome(**found, failures=failures)


@click.command(help=__doc__, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--start", default=0, show_default=True, help="First seed.")
@click.option("--count", default=10_000, show_default=True, help="Number of texts.")
def main(start: int, count: int) -> None:
    """Run the fuzzer; exit 1 if anything failed."""
    began = time.monotonic()
    found = fuzz(start, count)
    for failure in found.failures:
        click.echo(f"seed {failure.seed}: {failure.error}\n  {failure.text!r}")
    click.echo(
        f"{count:,} texts from seed {start} in {time.monotonic() - began:.0f} s: "
        f"{found.taken:,} taken, {found.partly:,} in part, {found.refused:,} refused, "
        f"{len(found.failures)} failures"
    )
    sys.exit(bool(found.failures))


if __name__ == "__main__":
    main()
