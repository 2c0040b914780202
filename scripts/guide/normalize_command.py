"""The command `guide normalize`: what it asks, what it says, and when it writes."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import click

from guide.checks import Finding
from guide.drawing import draw_diagrams
from guide.intake.model import IntakeError, Unit
from guide.intake.relating.relating import Relater
from guide.intake.relating.relations import Relation
from guide.intake.reporting import report_json, report_markdown, report_text
from guide.intake.reporting.report import Report
from guide.keeping import cache_folder
from guide.library import Library, did_you_mean, find_project
from guide.library.writing import write_text
from guide.normalizing.drafts import Normalized, Options, Prepared, finish, prepare
from guide.normalizing.taking_in import TakeInError, differences, files_of, write
from guide.project import load

EXIT_FINDINGS = 1
EXIT_ERROR = 2
_REPORTS: Mapping[str, Callable[[Report], str]] = {
    ".md": report_markdown.render,
    ".json": report_json.render,
}


@click.command("normalize")
@click.argument(
    "files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path)
)
@click.option(
    "--area", metavar="AREA", help="Write into this area's folder, not under docs/intake/."
)
@click.option("--name", metavar="NAME", help="The document's name, instead of its file's.")
@click.option(
    "--report",
    "reports",
    multiple=True,
    metavar="PATH",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the whole report, too: to a .md or .json file. Can be repeated.",
)
@click.option("--dry-run", is_flag=True, help="Say what would be done; write nothing.")
@click.option("--diff", is_flag=True, help="Show how the files would differ; write nothing.")
@click.option("--interactive", is_flag=True, help="Ask which questions that say the same to merge.")
@click.option("--force", is_flag=True, help="Replace what an earlier run wrote.")
def normalize_command(
    files: Sequence[Path],
    area: str | None,
    name: str | None,
    reports: Sequence[Path],
    dry_run: bool,
    diff: bool,
    interactive: bool,
    force: bool,
) -> None:
    """Turn raw study documents into draft pages of the guide; lose nothing and say what was done.

    The pages go under docs/intake/, the document with its units into the ledger, all as drafts.
    """
    root = find_project(Path.cwd())
    library = load(root)
    _check_usage(library, files, area, name, reports)
    options = Options(area=area or "", name=name or "")
    done = _normalized(library, files, options, interactive)
    library.memo.save()
    _say(done, reports, quiet=diff)
    unsound = [each for each in done if not each.is_sound]
    for each in unsound:
        for finding in each.findings:
            place = f"{finding.path}:{finding.line}:{finding.column}"
            click.echo(f"{place} error[{finding.rule}] {finding.message}", err=True)
    if unsound:
        click.echo("Nothing was written.", err=True)
        sys.exit(EXIT_FINDINGS)
    try:
        changed = files_of(library, done, force or diff or dry_run)
    except TakeInError as error:
        click.echo(f"guide: {error}", err=True)
        click.echo("Nothing was written.", err=True)
        sys.exit(EXIT_FINDINGS)
    if diff:
        click.echo("".join(differences(root, changed)), nl=False)
    elif dry_run:
        click.echo("Nothing was written.")
    else:
        write(root, changed)
        pages = [f"docs/{path}" for each in done for path in each.texts]
        click.echo(f"Wrote {', '.join(pages)}, the navigation and the ledger.")


def _check_usage(
    library: Library,
    files: Sequence[Path],
    area: str | None,
    name: str | None,
    reports: Sequence[Path],
) -> None:
    areas = [each.id for each in library.curriculum.areas]
    if area is not None and area not in areas:
        hint = did_you_mean(area, areas) or f"areas: {', '.join(areas)}"
        raise click.UsageError(f"there is no area `{area}`; {hint}")
    if len(files) > 1 and (name or reports):
        raise click.UsageError("--name and --report are for one file at a time")
    for path in reports:
        if path.suffix not in _REPORTS:
            raise click.UsageError(f"{path}: a report is a {' or a '.join(_REPORTS)} file")
        if not path.resolve().parent.is_dir():
            raise click.UsageError(f"{path}: there is no such folder")


def _normalized(
    library: Library, files: Sequence[Path], options: Options, interactive: bool
) -> list[Normalized]:
    """Normalize all documents, each knowing of the others; end here if one cannot be read."""
    relater = Relater(library)

    def draw(drafts: Library) -> Sequence[Finding]:
        drawings = cache_folder(library.root) / "diagrams"
        return draw_diagrams(drafts, drawings, lambda done, total: None)

    prepared: list[Prepared] = []
    path = files[0]
    try:
        for path in files:
            each = prepare(library, relater, path, options, prepared)
            merges = _ask(each) if interactive else {}
            prepared.append(each.merging(merges) if merges else each)
    except IntakeError as error:
        hint = f"; {error.hint}" if error.hint else ""
        click.echo(f"guide: {path}: {error}{hint}", err=True)
        click.echo("Nothing was written.", err=True)
        sys.exit(EXIT_ERROR)
    return finish(library, relater, prepared, draw)


def _ask(prepared: Prepared) -> dict[int, int]:
    """Ask about each question that an earlier one asks already: line of the later -> of that."""
    by_id = {unit.id: unit for unit in prepared.units}
    merges: dict[int, int] = {}
    for unit in prepared.units:
        first = _first(unit, by_id, prepared.relations)
        if first is None or first.line in merges:
            continue
        later = f"`{unit.title}` (line {unit.line})"
        earlier = f"`{first.title}` (line {first.line})"
        if click.confirm(f"{later} asks the same as {earlier}. Merge them?", default=False):
            merges[unit.line] = first.line
    return merges


def _first(unit: Unit, by_id: Mapping[str, Unit], relations: Mapping[str, Relation]) -> Unit | None:
    """The question of the document that asks the same as `unit` before it."""
    if unit.kind != "question" or unit.id not in relations:
        return None
    earlier = (by_id[each] for each in relations[unit.id].duplicate_of if each in by_id)
    return next((each for each in earlier if each.kind == "question"), None)


def _say(done: Sequence[Normalized], reports: Sequence[Path], quiet: bool) -> None:
    for each in done:
        if not quiet:
            click.echo(report_text.render(each.report))
        for path in reports:
            write_text(path, _REPORTS[path.suffix](each.report))
