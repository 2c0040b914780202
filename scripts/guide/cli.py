"""The `guide` command. Exit codes: 0 clean, 1 findings, 2 usage or internal error."""

from __future__ import annotations

import gc
import logging
import os
import signal
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import click

from guide.building import render, site_url
from guide.changes import ChangesError, changed_files
from guide.checks import REPORTERS, Finding, Report, check_sources, report
from guide.checks.allowed import apply_allowances
from guide.checks.catalog import built_rules
from guide.checks.fixing import fix_files
from guide.checks.rules import id_permanence
from guide.examples.choosing import NoExampleError, choose
from guide.indexes.map import map_drawings
from guide.keeping import cache_folder
from guide.library import Library, ProjectError, find_project
from guide.library.permanence import MANIFEST
from guide.os_errors import explain
from guide.progress import progress_bar
from guide.project import SITE, load
from guide.publishing.placing import put_in_place, recover
from guide.publishing.staging import staging
from guide.recording import check_recorded, record
from guide.scaffold import ScaffoldError, new_topic
from guide.verdicts import check_verified

EXIT_FINDINGS = 1
EXIT_ERROR = 2
MAX_ROUNDS = 5


class _Lazy(click.Group):
    """Loads `export` and `normalize` when asked for: they need much that no other command does."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted([*super().list_commands(ctx), "export", "normalize"])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name == "export":
            from guide.export_command import export_command

            return export_command
        if cmd_name == "normalize":
            from guide.normalize_command import normalize_command

            return normalize_command
        return super().get_command(ctx, cmd_name)


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="backend-study-guide", prog_name="guide")
def cli() -> None:
    """Check, build and extend the Backend Study Guide."""


@cli.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--format",
    "format_",
    type=click.Choice(sorted(REPORTERS)),
    default="text",
    show_default=True,
    help="text for people, github for annotations, json and sarif for programs.",
)
@click.option(
    "--changed",
    metavar="[BASE]",
    is_flag=False,
    flag_value="HEAD",
    help="Only what concerns files that differ from BASE (HEAD), and new ones.",
)
@click.option(
    "--fix",
    is_flag=True,
    help="Mend what is safe to mend; record new ids.",
)
def check(paths: Sequence[Path], format_: str, changed: str | None, fix: bool) -> None:
    """Check the sources: all of them, or only what concerns PATHS."""
    root = find_project(Path.cwd())
    wanted = [_relative(root, path) for path in paths]
    if changed is not None:
        wanted += changed_files(root, changed)
    everything = not paths and changed is None
    library, found = _check(root)
    if fix:
        library, found = _fix(library, found, None if everything else wanted)
    if not everything:
        found = _only(found, wanted)
    click.echo(REPORTERS[format_](found))
    if found.errors:
        sys.exit(EXIT_FINDINGS)


@cli.command()
@click.option("--pdf", is_flag=True, help="Print the sheets into it, too; needs Chromium.")
def build(pdf: bool) -> None:
    """Check the sources, render, verify the built site, and put it into site/.

    On any finding the published site/ stays exactly as it was.
    """
    from guide.checks.built import check_site  # loads parsers that only a build needs
    from guide.publishing.printing import FOLDER as SHEETS
    from guide.publishing.printing import find_browser, print_sheets

    root = find_project(Path.cwd())
    site = root / SITE
    recover(site)
    if pdf:
        find_browser()
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    fresh = click.get_current_context().with_resource(staging(site)) / SITE
    library, found = _check(root)
    _stop_on_errors(
        report([*found.findings, *check_recorded(library), *check_verified(library)], found.counts)
    )
    rendered = render(library, fresh, pdf=pdf)
    _stop_on_errors(report(rendered, {"warnings of mkdocs build": len(rendered)}))
    if pdf:
        with progress_bar("Printing") as track:
            print_sheets(library, fresh, fresh / SHEETS, site_url(), track)
    built = check_site(fresh, site_url(), library.memo)
    library.memo.save()
    allowed = apply_allowances(library, built.findings, built_rules())
    _stop_on_errors(report(allowed, built.counts))
    put_in_place(fresh, site)
    click.echo(f"Built {site.relative_to(root)}/ for {site_url()}")


@cli.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--update",
    is_flag=True,
    help="Write the expected output where all languages agree, and verified.json.",
)
@click.option(
    "--jobs",
    type=click.IntRange(1, 64),
    default=lambda: os.cpu_count() or 1,
    show_default="one for each processor",
    help="How many programs run side by side.",
)
def examples(paths: Sequence[Path], update: bool, jobs: int) -> None:
    """Run the examples, all or those under PATHS, and compare what they print.

    A path may be an example, a folder of them, or a page that shows some. What passed before with
    the same files and tools is not run again. In CI (`CI` is set) a missing engine is a failure.
    """
    from guide.examples.report import is_clean, summarize
    from guide.examples.runner import Run, run_examples
    from guide.examples.updating import record_verdicts, update_expectations

    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    root = find_project(Path.cwd())
    strict = bool(os.environ.get("CI"))
    wanted = [_relative(root, path) for path in paths]

    def run() -> Run:
        library = load(root)
        chosen = choose(library, wanted)
        with progress_bar("Running examples") as track:
            return run_examples(library, chosen, cache_folder(root) / "examples", jobs, track)

    result = run()
    if update:
        written, refused = update_expectations(root, result, run())
        if written:
            result = run()  # the contents are others now
        for name in [*written, *record_verdicts(root, result)]:
            click.echo(f"Wrote {name}", err=True)
        for reason in refused:
            click.echo(reason, err=True)
    click.echo(summarize(result, strict))
    if not is_clean(result, strict):
        sys.exit(EXIT_FINDINGS)


@cli.group()
def new() -> None:
    """Start something new."""


@new.command()
@click.argument("name", metavar="AREA/SLUG")
def topic(name: str) -> None:
    """Write a page skeleton for a topic of the map and add it to the navigation."""
    root = find_project(Path.cwd())
    try:
        path = new_topic(load(root), name)
    except ScaffoldError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"Wrote {path.relative_to(root)}; it passes `guide check` and waits for its text.")


def main() -> None:
    """Run the command; turn what went wrong into one line and an exit code."""
    logging.basicConfig(format="guide: %(message)s")
    gc.disable()  # a short run that keeps what it reads: collecting costs time and frees nothing
    try:
        cli.main(standalone_mode=False)
    except click.exceptions.Exit as error:
        sys.exit(error.exit_code)
    except click.Abort:
        click.echo("guide: interrupted", err=True)
        sys.exit(EXIT_ERROR)
    except click.ClickException as error:
        error.show()
        sys.exit(EXIT_ERROR)
    except OSError as error:
        click.echo(f"guide: {explain(error)}", err=True)
        sys.exit(EXIT_ERROR)
    except (ChangesError, NoExampleError, ProjectError) as error:
        click.echo(f"guide: {error}", err=True)
        sys.exit(EXIT_ERROR)


def _check(root: Path) -> tuple[Library, Report]:
    """Run every check of the sources; drawing finds the diagrams that cannot be drawn."""
    from guide.drawing import draw_diagrams  # loads the JavaScript engine: only when needed

    library = load(root)
    with progress_bar("Drawing diagrams") as track:
        drawings = map_drawings(library)
        failures = draw_diagrams(library, cache_folder(root) / "diagrams", track, drawings)
    found = check_sources(library, failures)
    library.memo.save()
    return library, found


def _fix(library: Library, found: Report, wanted: list[str] | None) -> tuple[Library, Report]:
    """Apply fixes until none is left (one may uncover another), then record new ids."""
    for _ in range(MAX_ROUNDS):
        chosen = found if wanted is None else _only(found, wanted)
        fixed = fix_files(library.root, chosen.findings)
        if not fixed:
            break
        for path, count in sorted(fixed.items()):
            click.echo(f"Fixed {count} in {path}", err=True)
        library, found = _check(library.root)
    # A lost id is probably a new one's old name: that has to be settled first.
    settled = all(finding.rule != id_permanence.RULE.id for finding in found.findings)
    added = record(library) if settled else 0
    if added:
        click.echo(f"Recorded {added:,} new addresses in {MANIFEST}", err=True)
        library, found = _check(library.root)
    return library, found


def _stop_on_errors(found: Report) -> None:
    click.echo(REPORTERS["text"](found))
    if found.errors:
        click.echo("Nothing was published.", err=True)
        sys.exit(EXIT_FINDINGS)


def _relative(root: Path, path: Path) -> str:
    resolved = path.resolve()
    if not resolved.exists():
        raise click.UsageError(f"{path} does not exist")
    if not resolved.is_relative_to(root):
        raise click.UsageError(f"{path} is outside the project {root}")
    return resolved.relative_to(root).as_posix()


def _only(found: Report, paths: Iterable[str]) -> Report:
    wanted = [path.rstrip("/") for path in paths]

    def concerns(finding: Finding) -> bool:
        return any(
            path == "." or finding.path == path or finding.path.startswith(f"{path}/")
            for path in wanted
        )

    return report(filter(concerns, found.findings), found.counts)
