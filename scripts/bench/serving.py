"""Measure how long an author waits in `mkdocs serve`: from a save to the refreshed page.

The guide at full size is served as it is, by MkDocs alone ("plain": every change makes the whole
site anew) and by MkDocs with --dirty. A save changes the text of a question, or a title. Measured
is when the server has the new page, when an open browser shows it, and when the page that
lists all questions has caught up, for titles another page's navigation.

Examples:
  python scripts/bench/serving.py
  python scripts/bench/serving.py --rounds 5 --record
"""

from __future__ import annotations

import itertools
import os
import platform
import re
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from figures import GUIDE as HERE
from figures import PAGE, Figure, record
from served_copy import LIMIT, Site, serving
from workspace import GUIDE, ROOT, BenchError, copy_project, run, write_between

if TYPE_CHECKING:
    from playwright.sync_api import Page

TOPIC = "preview"
"""Name of the records and of the markers around the table."""
EDITED, INDEX, OTHER = "http/http-methods/", "questions/", "http/http-status-codes/"
SOURCE = "docs/http/http-methods.md"
_QUESTION = re.compile(r"(?m)^(### [^?]*)(\?.*\{ #)")
_TITLE = re.compile(r'(?m)^title: "?(.*?)"?$')
BROWSER = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run")


@dataclass(frozen=True, slots=True)
class Row:
    """Seconds of each round; `stays` says that the other page was not changed by it."""

    name: str
    served: Sequence[float]
    shown: Sequence[float]
    follows: Sequence[float]
    stays: bool = False

    @property
    def cells(self) -> str:
        """One line of the table."""
        follows = "not at all" if self.stays else _median(self.follows)
        cells = (_median(self.served), _median(self.shown), follows)
        return f"| {self.name} | {' | '.join(cells)} |"


class Author:
    """Edits pages of a copy, each time with a word that was not there before."""

    def __init__(self, root: Path) -> None:
        self._source = root / SOURCE
        self._text = self._source.read_text("utf-8")
        self._words = (f"edit{number}" for number in itertools.count(1))

    def asks_otherwise(self) -> str:
        """Add a word to the first question."""
        return self._save(_QUESTION, lambda found, word: f"{found[1]} {word}{found[2]}")

    def changes_the_title(self) -> str:
        """Add a word to the title."""
        return self._save(_TITLE, lambda found, word: f'title: "{found[1]} {word}"')

    def _save(self, pattern: re.Pattern[str], new: Callable[[re.Match[str], str], str]) -> str:
        word = next(self._words)
        text, times = pattern.subn(lambda found: new(found, word), self._text, count=1)
        if not times:
            raise BenchError(f"{SOURCE} has nothing like {pattern.pattern!r}: choose another page")
        self._source.write_text(text, "utf-8")
        return word


@dataclass(frozen=True, slots=True)
class Way:
    """A way to serve: its name, options of `mkdocs serve`, and whether it is ours."""

    name: str
    options: Sequence[str]
    is_ours: bool


WAYS = (
    Way("`mkdocs serve`", (), True),
    Way("MkDocs alone", (), False),
    Way("MkDocs alone, `--dirty`", ("--dirty",), False),
)


def measure(way: Way, root: Path, browser: Page | None, rounds: int) -> Iterator[Row]:
    """Serve the guide in `root` and edit it; yield a row for each kind of edit."""
    author = Author(root)
    with serving(root, EDITED, *way.options) as site:
        click.echo(f"{way.name}: {site.megabytes:,.0f} MB after the first build")
        kinds = [
            ("a text", author.asks_otherwise, INDEX),
            ("a title", author.changes_the_title, OTHER),
        ]
        for kind, save, other in kinds:
            served, shown, follows = [], [], []
            for number in range(rounds * (2 if browser else 1)):
                if browser and number % 2:
                    shown.append(_in_browser(site, browser, save))
                    word = ""
                else:
                    began, word = time.perf_counter(), save()
                    served.append(site.wait_for(EDITED, word) - began)
                if word and (way.is_ours or site.holds(other, word)):
                    follows.append(site.wait_for(other, word) - began)
                site.let_it_rest()
            yield Row(f"{way.name}, {kind}", served, shown, follows, stays=not follows)
        if way.is_ours:
            yield _during_a_build(site, author, rounds)


def _during_a_build(site: Site, author: Author, rounds: int) -> Row:
    """A second save right after the first, while the background is busy."""
    served = []
    for _ in range(rounds):
        site.wait_for(EDITED, author.asks_otherwise())
        began, word = time.perf_counter(), author.asks_otherwise()
        served.append(site.wait_for(EDITED, word) - began)
        click.echo(f"{site.megabytes:,.0f} MB during a build in the background")
        site.wait_for(INDEX, word)
        site.let_it_rest()
    return Row("`mkdocs serve`, a text while the rest is being built", served, [], [])


def _in_browser(site: Site, page: Page, save: Callable[[], str]) -> float:
    """Seconds from a save until the open page shows it."""
    page.goto(site.url + EDITED)
    began, word = time.perf_counter(), save()
    page.get_by_text(word).first.wait_for(state="attached", timeout=LIMIT * 1000)
    return time.perf_counter() - began


@contextmanager
def _browser() -> Iterator[Page | None]:
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        yield None
        return
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=BROWSER)
        yield browser.new_page()
        browser.close()


def _prepare(root: Path, ours: bool) -> None:
    """Leave the copy as an author's: checked before; without our server for MkDocs alone."""
    hooks = root / "scripts" / "guide" / "site.py"
    text = hooks.read_text("utf-8")
    if "\ndef on_serve(" not in text:
        raise BenchError(f"{hooks} has no on_serve: MkDocs alone cannot be told from ours")
    if not ours:
        hooks.write_text(text.replace("\ndef on_serve(", "\ndef _not_called("), "utf-8")
    done = run((*GUIDE, "check"), root)
    if done.returncode:
        raise BenchError(f"`guide check` failed:\n{done.stdout}{done.stderr}")


@click.command(help=__doc__, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--rounds", default=3, show_default=True, help="Edits per median.")
@click.option("--record", "keep", is_flag=True, help=f"Write the figures into {PAGE.name}.")
def main(rounds: int, keep: bool) -> None:
    """Run the benchmark and print its table."""
    rows: list[Row] = []
    try:
        with tempfile.TemporaryDirectory(prefix="guide-serving-") as name, _browser() as browser:
            for number, way in enumerate(WAYS):
                root = copy_project(ROOT, Path(name) / str(number))
                _prepare(root, way.is_ours)
                for row in measure(way, root, browser, rounds):
                    rows.append(row)
                    click.echo(row.cells)
        table = _table(rows, sum(1 for _ in (ROOT / "docs").rglob("*.md")))
        if keep:
            record(TOPIC, _figures(rows))
            write_between(PAGE, TOPIC, table)
        click.echo(table)
    except BenchError as error:
        raise click.ClickException(str(error)) from error


def _table(rows: Sequence[Row], pages: int) -> str:
    rounds = len(rows[0].served)
    return "\n".join(
        [
            f"Median of {rounds} saves, {pages} written pages and those derived from them; "
            f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}.",
            "",
            "| Author saves | Server has the page | Open browser shows it | Other pages follow |",
            "|---|---:|---:|---:|",
            *(row.cells for row in rows),
        ]
    )


def _figures(rows: Sequence[Row]) -> list[Figure]:
    """What is asked of the preview, and what it does."""
    text, title, busy = rows[:3]
    return [
        _figure("an edited page is refreshed", 2, text.shown or text.served),
        _figure("an edited page, while the rest is being built", 2, busy.served),
        _figure("indexes have caught up after an edit", 20, text.follows),
        _figure("all pages are new after a change of a title", 20, title.follows),
    ]


def _figure(name: str, limit: float, seconds: Sequence[float]) -> Figure:
    values = {HERE: _median(seconds)}
    return Figure(name, f"at most {limit:.0f} s", values, statistics.median(seconds) <= limit)


def _median(seconds: Sequence[float]) -> str:
    return f"{statistics.median(seconds):.1f} s" if seconds else ""


if __name__ == "__main__":
    main()
