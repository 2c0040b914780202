"""Measure how long `guide normalize` takes on large study documents, and hunt for counterexamples.

Documents are put together from seeded parts (study_documents.py), so the same sizes are the same
texts everywhere. Times are of the processor, medians, without the start of the process; `reading`
and so on are the stages of one document. With --random N, N random documents
(random_documents.py) are normalized instead, and the smallest that breaks a promise is shown.

Examples:
  python scripts/bench/intake.py
  python scripts/bench/intake.py --random 5000
"""

from __future__ import annotations

import gc
import platform
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import click
import mdformat
from hypothesis import HealthCheck, given, settings

from guide.intake.pipeline import Drafted, cut, outlined
from guide.intake.relating.relating import Relater
from guide.library import Library
from guide.normalizing.draft_checks import pass_checks
from guide.normalizing.drafts import Options, normalize
from guide.project import load
from intake_properties import Laboratory, draw_nothing
from random_documents import documents
from study_documents import StudyDocument, study_document
from workspace import ROOT, write_between

MARKER = "intake"
SIZES = ((100, "en"), (270, "en"), (270, "zh"))
LANGUAGES = {"en": "English", "zh": "Chinese"}


@dataclass(frozen=True, slots=True)
class Timing:
    """Median seconds of the passes, of the checks, and of everything, for one document.

    `formatted` is the peer: mdformat by itself, which reads a document and writes it again.
    """

    document: StudyDocument
    language: str
    passes: float
    checks: float
    whole: float
    formatted: float

    @property
    def row(self) -> str:
        """Its row in the table."""
        size = self.document.size / 1000
        rest = self.whole - self.passes - self.checks
        cells = (
            f"{size:.0f} kB, {LANGUAGES[self.language]}",
            f"{self.document.questions}",
            f"{self.passes:.2f} s",
            f"{self.checks:.2f} s",
            f"{rest:.2f} s",
            f"{self.whole:.2f} s",
            f"{size / self.whole:.0f} kB/s",
            f"{self.formatted:.2f} s, {self.whole / self.formatted:.1f} times",
        )
        return f"| {' | '.join(cells)} |"


def measure(library: Library, document: StudyDocument, language: str, rounds: int) -> Timing:
    """Normalize a document `rounds` times beside the guide."""
    relater = Relater(library)
    tags = [tag.id for tag in library.tags]
    with tempfile.TemporaryDirectory(prefix="guide-intake-") as folder:
        path = Path(folder) / "handbook.md"
        path.write_text(document.text, encoding="utf-8")

        def drafted() -> Drafted:
            return cut(outlined(path, tags), "intake/handbook", ())

        done = normalize(library, relater, path, Options(), draw_nothing)
        origins = dict.fromkeys(done.texts, path.name)
        return Timing(
            document,
            language,
            _median(drafted, rounds),
            _median(lambda: pass_checks(library, done.texts, origins, draw_nothing), rounds),
            _median(lambda: normalize(library, relater, path, Options(), draw_nothing), rounds),
            _median(lambda: mdformat.text(document.text), rounds),
        )


def hunt(library: Library, count: int) -> None:
    """Normalize `count` random documents; raise AssertionError with the smallest that breaks."""
    laboratory = Laboratory(library)

    @settings(
        max_examples=count,
        deadline=None,
        database=None,
        suppress_health_check=[HealthCheck.too_slow],
    )
    @given(documents())
    def holds(text: str) -> None:
        laboratory.assert_holds(text)

    holds()


@click.command(help=__doc__, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--rounds", default=5, show_default=True, help="Runs per median.")
@click.option("--random", "count", type=int, help="Only look at so many random documents.")
@click.option(
    "--markdown", type=click.Path(path_type=Path), help=f"Write the table into {MARKER} markers."
)
def main(rounds: int, count: int | None, markdown: Path | None) -> None:
    """Run the benchmark and print its table."""
    library = load(ROOT)
    if count is not None:
        try:
            hunt(library, count)
        except AssertionError as error:
            raise click.ClickException(str(error)) from error
        click.echo(f"{count:,} random documents: whole, sound and stable")
        return
    timings = [
        measure(library, study_document(kilobytes, language=language), language, rounds)
        for kilobytes, language in SIZES
    ]
    text = _table(timings)
    click.echo(text)
    if markdown is not None:
        write_between(markdown, MARKER, text)


def _median(work: Callable[[], object], rounds: int) -> float:
    seconds = []
    for _ in range(rounds):
        gc.collect()
        gc.disable()  # as the command does
        began = time.process_time()
        work()
        seconds.append(time.process_time() - began)
        gc.enable()
    return statistics.median(seconds)


def _table(timings: Sequence[Timing]) -> str:
    lines = [
        f"Median processor time beside the whole guide; {platform.machine()}, "
        f"Python {platform.python_version()}; diagrams are not drawn.",
        "",
        "| Document | Questions | Passes | Checks | Relating, text, report | All | Pace "
        "| mdformat only |",
        "|---|---:|---:|---:|---:|---:|---:|---:|",
        *(each.row for each in timings),
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
