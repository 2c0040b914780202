"""Compare the site's search with the one its theme brings: readers' queries in a real browser.

Builds the guide twice, as it is and with Material's own search, and types every query into both,
in turns. search_quality.py says when a link is right. Material lists the link of a page above those
of its sections; so what it finds is judged a second time, as if the top of the right page were as
good as the right section. Times are taken in the page, from the last key to the list that answers
it. Bytes are those of the files that the server was asked for, gzipped.

Examples:
  python scripts/bench/search.py --misses
  python scripts/bench/search.py --sites guide --queries tests/search/queries.yml
  python scripts/bench/search.py --markdown docs/about/benchmarks.md
"""

from __future__ import annotations

import itertools
import os
import platform
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from guide.project import load
from search_box import SearchBox, chromium, new_page
from search_quality import Answer, Figures, Query, by_kind, figures, misses, read_queries
from search_sites import Site, Weight, build, serve, weigh
from workspace import ROOT, BenchError, copy_project, write_between

if TYPE_CHECKING:
    from playwright.sync_api import Browser

MARKER = "search"
SETS = tuple(ROOT / "tests" / "search" / name for name in ("queries.yml", "held-out.yml"))
NAMES = {"guide": "This site", "stock": "Material's own"}
_Choose = Callable[[list[Answer]], list[Answer]]


def ask(
    sites: Sequence[Site], queries: Sequence[Query], browser: Browser
) -> dict[str, list[Answer]]:
    """Type all queries into all sites, in turns: what disturbs one disturbs the other."""
    boxes = {site.folder.name: SearchBox(new_page(browser), site.url) for site in sites}
    answers: dict[str, list[Answer]] = {name: [] for name in boxes}
    with click.progressbar(queries, label="queries", show_pos=True) as bar:
        for query in bar:
            for name, box in boxes.items():
                answers[name].append(box.ask(query))
    return answers


@click.command(help=__doc__, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--queries",
    "files",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    default=SETS,
    help="A set of queries.  [default: those in tests/search/]",
)
@click.option("--sites", default=",".join(NAMES), show_default=True, help="What to search.")
@click.option("--misses", "list_misses", is_flag=True, help="List what the first site got wrong.")
@click.option(
    "--markdown", type=click.Path(path_type=Path), help=f"Write the table into {MARKER} markers."
)
def main(files: tuple[Path, ...], sites: str, list_misses: bool, markdown: Path | None) -> None:
    """Run the benchmark and print its table."""
    try:
        names = [name for name in NAMES if name in sites.split(",")]
        if not names:
            raise BenchError(f"no site {sites!r}; there are {', '.join(NAMES)}")
        sets = {file.name: read_queries(file) for file in files}
        queries = [query for each in sets.values() for query in each]
        with tempfile.TemporaryDirectory(prefix="guide-search-") as folder:
            for name in names:
                click.echo(f"building: {NAMES[name]}", err=True)
                built = build(name, copy_project(ROOT, Path(folder) / "build" / name))
                built.rename(_made(Path(folder) / "sites") / name)
            with serve(Path(folder) / "sites") as (url, asked), chromium() as browser:
                served = [Site(Path(folder) / "sites" / n, f"{url}{n}/", asked) for n in names]
                weights = {site.folder.name: weigh(site, browser) for site in served}
                answers = ask(served, queries, browser)
        table = _table(answers, weights, {name: len(each) for name, each in sets.items()})
        click.echo(table)
        if list_misses:
            click.echo("\n".join(["", *misses(answers[names[0]], within=1)]))
        if markdown is not None:
            write_between(markdown, MARKER, table)
    except BenchError as error:
        raise click.ClickException(str(error)) from error


def _made(folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    return folder


def _table(
    answers: Mapping[str, list[Answer]], weights: Mapping[str, Weight], sizes: Mapping[str, int]
) -> str:
    """Two columns for each site: links to the right page, and to the right place on it."""
    columns = [(name, f"{NAMES[name]}: page", True) for name in answers]
    columns += [(name, f"{NAMES[name]}: place", False) for name in answers]

    def row(title: str, cell: Callable[[Figures], str], some: _Choose = list) -> str:
        cells = [cell(figures(some(answers[name]), lenient)) for name, _, lenient in columns]
        return f"| {title} | {' | '.join(cells)} |"

    def once(title: str, cell: Callable[[Figures, Weight], str]) -> str:
        """A row of what does not depend on how links are judged."""
        cells = [
            cell(figures(answers[name]), weights[name]) if lenient else ""
            for name, _, lenient in columns
        ]
        return f"| {title} | {' | '.join(cells)} |"

    words = _words()
    kinds = by_kind(next(iter(answers.values())))
    starts = dict(zip(sizes, itertools.accumulate(sizes.values(), initial=0), strict=False))
    return "\n".join(
        [
            f"{sum(sizes.values())} queries, {words:,} words on the pages that are searched; "
            f"{platform.machine()}, {os.cpu_count()} cores.",
            "",
            f"| First link is right | {' | '.join(title for _, title, _ in columns)} |",
            "|---|" + "---:|" * len(columns),
            *(row(kind, _first, _of_kind(kind)) for kind in kinds),
            row("**All**", _first),
            *(
                row(f"In {name}", _first, _slice(starts[name], sizes[name]))
                for name in sizes
                if sizes.keys() > {name}
            ),
            row("One of the first three is right", lambda f: _share(f.first_three, f.queries)),
            row("Mean reciprocal rank", lambda f: f"{f.reciprocal_rank:.2f}"),
            once("Enter opens a right place", lambda f, _: _share(f.opened, f.queries)),
            once("Nothing found", lambda f, _: _share(f.empty, f.queries)),
            once("Time to the results, median", lambda f, _: f"{f.median:.0f} ms"),
            once("Time, 95th percentile", lambda f, _: f"{f.percentile_95:.0f} ms"),
            once("Index", lambda _, w: _bytes(w.index)),
            once("Index per word", lambda _, w: f"{w.index / words:.2f} bytes"),
            once("Loaded for search before one", lambda _, w: _bytes(w.visit_search)),
            once("Loaded by the first search", lambda _, w: _bytes(w.first_search)),
            once("Loaded in all before a search", lambda _, w: _bytes(w.visit)),
        ]
    )


def _of_kind(kind: str) -> _Choose:
    return lambda answers: by_kind(answers)[kind]


def _slice(start: int, size: int) -> _Choose:
    return lambda answers: answers[start : start + size]


def _first(found: Figures) -> str:
    return _share(found.first, found.queries)


def _words() -> int:
    """Words of the written pages: generated ones repeat them."""
    pages = load(ROOT).written_pages
    return sum(page.words for page in pages if page.is_published)


def _share(part: int, whole: int) -> str:
    return f"{100 * part // whole} % ({part}/{whole})"


def _bytes(number: int) -> str:
    return f"{number / 1000:.1f} kB"


if __name__ == "__main__":
    main()
