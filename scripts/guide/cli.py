"""The `guide` command. Exit codes: 0 clean, 1 findings, 2 usage or internal error."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from guide.checks import REPORTERS, Finding, Report, check_site, check_sources, report
from guide.library import Library, ProjectError, find_project
from guide.project import CACHE, SITE, load
from guide.publishing import put_in_place, recover, render, site_url
from guide.scaffold import ScaffoldError, new_topic

EXIT_FINDINGS = 1
EXIT_ERROR = 2


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
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
    help="text for people, github for annotations, json for programs.",
)
def check(paths: Sequence[Path], format_: str) -> None:
    """Check the sources: all of them, or only what concerns PATHS."""
    root = find_project(Path.cwd())
    library = load(root)
    found = _with_drawings(library, check_sources(library))
    if paths:
        found = _only(found, [_relative(root, path) for path in paths])
    click.echo(REPORTERS[format_](found))
    if found.errors:
        sys.exit(EXIT_FINDINGS)


@cli.command()
def build() -> None:
    """Check the sources, render, verify the built site, and put it into site/.

    On any finding the published site/ stays exactly as it was.
    """
    root = find_project(Path.cwd())
    site, fresh = root / SITE, root / CACHE / "site"
    recover(site)
    library = load(root)
    _stop_on_errors(_with_drawings(library, check_sources(library)))
    rendered = render(library, fresh)
    _stop_on_errors(report(rendered, {"warnings of mkdocs build": len(rendered)}))
    _stop_on_errors(check_site(fresh, site_url()))
    put_in_place(fresh, site)
    click.echo(f"Built {site.relative_to(root)}/ for {site_url()}")


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
    except (ProjectError, OSError) as error:
        click.echo(f"guide: {error}", err=True)
        sys.exit(EXIT_ERROR)


def _with_drawings(library: Library, found: Report) -> Report:
    """Draw every diagram that is not in the cache; a drawing that fails is a finding."""
    from guide.drawing import draw_diagrams  # loads the JavaScript engine: only when needed

    with _DrawingProgress() as track:
        failures = draw_diagrams(library, library.root / CACHE / "diagrams", track)
    return report([*found.findings, *failures], found.counts)


class _DrawingProgress:
    """A progress bar on a terminal, nothing in CI or a pipe."""

    def __init__(self) -> None:
        quiet = not sys.stderr.isatty() or bool(os.environ.get("CI"))
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            console=Console(stderr=True),
            transient=True,
            disable=quiet,
        )

    def __enter__(self) -> Callable[[int, int], None]:
        self._progress.start()
        task = self._progress.add_task("Drawing diagrams", total=None)
        return lambda done, total: self._progress.update(task, completed=done, total=total)

    def __exit__(self, *_: object) -> None:
        self._progress.stop()


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
