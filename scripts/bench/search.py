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

import functools
import gzip
import http.server
import itertools
import json
import os
import platform
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import click

from guide.project import load
from search_quality import Answer, Figures, Query, SearchBox, by_kind, figures, misses, read_queries
from workspace import GUIDE, ROOT, BenchError, copy_project, run, tool, write_between

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, ViewportSize

MARKER = "search"
SETS = tuple(ROOT / "tests" / "search" / name for name in ("queries.yml", "held-out.yml"))
TOPIC = "security/cors/"
"""The page of a visit that searches for nothing."""
NAMES = {"guide": "This site", "stock": "Material's own"}
WINDOW: ViewportSize = {"width": 1280, "height": 900}

# What makes the search of this site, and how a site without it differs.
OURS = (
    "overrides/partials/search.html",
    "overrides/partials/javascripts/lazy-search.html",
)
INCLUDES = {
    "overrides/main.html": '{% include "partials/javascripts/lazy-search.html" %}',
    "scripts/guide/site.py": 'replace_index(Path(config.site_dir), config.extra["guide"].library)',
}
_Choose = Callable[[list[Answer]], list[Answer]]
STOCK_WORKER = "assets/javascripts/workers/search."


@dataclass(frozen=True, slots=True)
class Site:
    """A built site in `folder`, served at `url`; `asked` are the files asked for, of any site."""

    folder: Path
    url: str
    asked: list[Path]

    def taken(self) -> set[str]:
        """Files of this site that were asked for since the last call, relative to its folder."""
        own = {file for file in self.asked if file.is_relative_to(self.folder) and file.is_file()}
        self.asked.clear()
        return {file.relative_to(self.folder).as_posix() for file in own}

    def weigh(self, paths: Iterable[str]) -> int:
        """Bytes of these files as a server sends them: gzipped where that makes them smaller."""
        contents = [(self.folder / path).read_bytes() for path in paths]
        return sum(min(len(each), len(gzip.compress(each))) for each in contents)


@dataclass(frozen=True, slots=True)
class Weight:
    """Bytes: the index, a visit without a search, how much of it is for one, and what one adds."""

    index: int
    visit: int
    visit_search: int
    first_search: int


def build(name: str, root: Path) -> Path:
    """Build the copy of the project at `root`, stripped if it is `stock`; return the site."""
    command: tuple[str, ...] = (*GUIDE, "build")
    if name == "stock":
        strip(root)
        command = (tool("mkdocs"), "build", "--quiet", "--site-dir", str(root / "site"))
    done = run(command, root)
    if done.returncode:
        said = (done.stdout + done.stderr).strip()[-1500:]
        raise BenchError(f"building {name} ended with {done.returncode}:\n{said}")
    return root / "site"


def strip(root: Path) -> None:
    """Take the search of this site out of the copy at `root`, so that the theme's own is left."""
    for path in OURS:
        if not (root / path).exists():
            raise BenchError(f"{path} is gone: say in {Path(__file__).name} what the search is now")
        (root / path).unlink()
    for path, line in INCLUDES.items():
        text = (root / path).read_text("utf-8")
        if line not in text:
            raise BenchError(f"{path} has no {line}: say in {Path(__file__).name} what it has now")
        (root / path).write_text(text.replace(line, ""), "utf-8")


def weigh(site: Site, browser: Browser) -> Weight:
    """Visit a page of `site`, then search: what is transferred when."""
    _new_page(browser).goto(site.url + TOPIC, wait_until="networkidle")
    visit = site.taken()
    for_search = _for_search(visit)
    SearchBox(_new_page(browser), site.url)
    later = _for_search(site.taken())
    if site.folder.name == "stock":
        _demand_stock(site, for_search | later)
    index = [
        file.relative_to(site.folder).as_posix()
        for file in (site.folder / "search").rglob("*")
        if file.is_file() and file.suffix not in (".js", ".map")
    ]
    return Weight(
        index=site.weigh(index),
        visit=site.weigh(visit),
        visit_search=site.weigh(for_search),
        first_search=site.weigh(later - for_search),
    )


def _for_search(paths: Iterable[str]) -> set[str]:
    return {path for path in paths if "search" in path}


def _demand_stock(site: Site, asked: set[str]) -> None:
    index = json.loads((site.folder / "search" / "search_index.json").read_text("utf-8"))
    has_worker = any(path.startswith(STOCK_WORKER) for path in asked)
    if not has_worker or "separator" not in index.get("config", {}):
        raise BenchError("the stock site runs another search: `strip` has to switch that off too")


def ask(
    sites: Sequence[Site], queries: Sequence[Query], browser: Browser
) -> dict[str, list[Answer]]:
    """Type all queries into all sites, in turns: what disturbs one disturbs the other."""
    boxes = {site.folder.name: SearchBox(_new_page(browser), site.url) for site in sites}
    answers: dict[str, list[Answer]] = {name: [] for name in boxes}
    with click.progressbar(queries, label="queries", show_pos=True) as bar:
        for query in bar:
            for name, box in boxes.items():
                answers[name].append(box.ask(query))
    return answers


def _new_page(browser: Browser) -> Page:
    """A page of a browser profile of its own: nothing is in its cache."""
    return browser.new_context(viewport=WINDOW).new_page()


@contextmanager
def chromium() -> Iterator[Browser]:
    """Headless Chromium, as the operating system ships it."""
    from playwright.sync_api import sync_playwright

    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        raise BenchError("chromium is not installed; on Debian and Ubuntu: apt install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-gpu", "--no-first-run"]
        )
        yield browser
        browser.close()


@contextmanager
def serve(folder: Path) -> Iterator[tuple[str, list[Path]]]:
    """Serve `folder` on a free port; yield its URL and the list of the files it is asked for.

    The sites are folders in it: each stands under a sub-path, as a project's site does.
    """
    asked: list[Path] = []

    class Handler(http.server.SimpleHTTPRequestHandler):
        def do_GET(self) -> None:
            file = folder / unquote(urlsplit(self.path).path).lstrip("/")
            asked.append(file / "index.html" if file.is_dir() else file)
            super().do_GET()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    handler = functools.partial(Handler, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/", asked
        finally:
            server.shutdown()
            thread.join()


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
    return sum(page.words for page in pages if page.kind != "draft")


def _share(part: int, whole: int) -> str:
    return f"{100 * part // whole} % ({part}/{whole})"


def _bytes(number: int) -> str:
    return f"{number / 1000:.1f} kB"


if __name__ == "__main__":
    main()
