"""The command `guide export`: what the build makes to take along, into files of one's own."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import click

from guide.building import render, site_url
from guide.checks import REPORTERS, report
from guide.export.files import DECK, PACKAGE
from guide.library import Library, find_project
from guide.progress import progress_bar
from guide.project import SITE, load
from guide.publishing.printing import find_browser, print_sheets, sheets
from guide.publishing.staging import staging

EXIT_FINDINGS = 1
_Command = Callable[..., None]


def _options(default: str, what: str) -> Callable[[_Command], _Command]:
    output = click.option(
        "--output",
        type=click.Path(path_type=Path),
        default=default,
        show_default=True,
        help=f"Where to write {what}.",
    )
    force = click.option("--force", is_flag=True, help="Replace what is there.")
    return lambda command: output(force(command))


@click.group("export")
def export_command() -> None:
    """Write what learners take along: an Anki package, a JSON deck, sheets to print.

    All comes from site/ as last built, or from a fresh rendering if docs/ changed since.
    """


@export_command.command("anki")
@_options(Path(PACKAGE).name, "the package")
def anki(output: Path, force: bool) -> None:
    """Questions and check-yourself items as an Anki package."""
    _copy(PACKAGE, output, force)


@export_command.command("json")
@_options(Path(DECK).name, "the deck")
def deck(output: Path, force: bool) -> None:
    """The same cards as JSON; the schema stands beside the deck on the site."""
    _copy(DECK, output, force)


@export_command.command("print")
@_options("sheets", "the PDF files, a folder")
def print_(output: Path, force: bool) -> None:
    """Question sheets and cheat sheets as PDF files. Needs Chromium."""
    root = find_project(Path.cwd())
    library = load(root)
    made = sheets(library)
    if not made:
        raise click.ClickException("this project has no sheets to print")
    _refuse((output / name for name in made.values()), force)
    find_browser()
    with progress_bar("Printing") as track:
        site = _site(root, library)
        number = print_sheets(library, site, output, site_url(), track)
    click.echo(f"Wrote {number} PDF files into {output}")


def _copy(path: str, output: Path, force: bool) -> None:
    root = find_project(Path.cwd())
    _refuse([output], force)
    source = _site(root, load(root)) / path
    output.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, output)
    click.echo(f"Wrote {output}")


def _refuse(targets: Iterable[Path], force: bool) -> None:
    """End here if a target is there already; a folder is never replaced."""
    for target in targets:
        if target.is_dir():
            raise click.UsageError(f"{target} is a folder; name a file with --output")
        if target.exists() and not force:
            raise click.UsageError(f"{target} exists; replace it with --force")


def _site(root: Path, library: Library) -> Path:
    """A site that is as the sources are now."""
    built = root / SITE
    if _is_current(built / DECK, root):
        click.echo(f"From {SITE}/ as last built", err=True)
        return built
    click.echo(f"Rendering, because docs/ changed since {SITE}/ was built", err=True)
    fresh = click.get_current_context().with_resource(staging(built)) / SITE
    findings = render(library, fresh)
    if findings:
        click.echo(REPORTERS["text"](report(findings, {})))
        click.echo("Nothing was written.", err=True)
        sys.exit(EXIT_FINDINGS)
    return fresh


def _is_current(made: Path, root: Path) -> bool:
    """Whether `made` is newer than everything that pages are made of."""
    if not made.exists():
        return False
    sources = [root / "mkdocs.yml", *(root / "docs").rglob("*")]
    return made.stat().st_mtime >= max(each.stat().st_mtime for each in sources if each.is_file())
