"""What a reader's phone has to load and to do, on this site and on others made of the same pages.

Builds the guide; takes the text of some of its pages and builds it with stock Material (one page,
the bare theme) and with other generators, each as it comes and with its own search. All are served
by one server that compresses and caches as GitHub Pages does. Lighthouse measures them in its
mobile preset, in turns, and the median counts. Bytes and requests are those of a browser with an
empty cache until it has nothing more to do; the next page is opened with what the first left.

The guide is measured on its median, its lightest and its heaviest topic page, the others on the
median one. The guide's page is the whole one, with drawn diagrams and what it needs for
learning; the others get the same text.

Examples:
  python scripts/bench/reader.py --runs 1 --peers furo
  python scripts/bench/reader.py --record
"""

from __future__ import annotations

import socket
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

import lighthouse
from figures import GUIDE, PAGE, record
from page_loads import background, cold, warm
from page_server import Served, serve
from peers import PEERS, WORK, build, install
from plain_pages import around_the_median, plain_page, topic_pages
from reader_tables import Measured, Weights, details, figures
from search_box import chromium
from workspace import GUIDE as GUIDE_COMMAND
from workspace import ROOT, BenchError, copy_project, run, write_between

if TYPE_CHECKING:
    from playwright.sync_api import Browser

MARKER = "reader"
PAGES = 20
"""So many pages the others are made of."""


@dataclass(frozen=True, slots=True)
class Sites:
    """Built sites by name, and on each the address of the page to measure and of a next one."""

    folders: Mapping[str, Path]
    pages: Mapping[str, tuple[str, str]]
    topics: Sequence[str]


@click.command(help=__doc__, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--runs", default=5, show_default=True, help="Lighthouse runs per page.")
@click.option("--peers", default="furo,vitepress,starlight", show_default=True)
@click.option(
    "--site",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Measure this built site of the guide instead of building it anew.",
)
@click.option("--record", "keep", is_flag=True, help=f"Write the figures into {PAGE.name}.")
def main(runs: int, peers: str, site: Path | None, keep: bool) -> None:
    """Run the benchmark and print its table."""
    try:
        chosen = ["material", *filter(None, peers.split(","))]
        for name in set(chosen) - PEERS.keys():
            raise BenchError(f"no peer {name!r}; there are {', '.join(PEERS)}")
        install(chosen)
        port = _free_port()
        with tempfile.TemporaryDirectory(prefix="build-", dir=_made(WORK)) as folder:
            sites = _build(chosen, site, Path(folder), f"http://127.0.0.1:{port}/")
            with serve(sites.folders, port) as served:
                measured = _measure(sites, served, runs)
        table = details(measured)
        click.echo(table)
        rows = figures(measured)
        for each in rows:
            state = {True: "kept", False: "SHORT", None: ""}[each.holds]
            click.echo(f"{each.name} (asked: {each.asked}): {each.values.get(GUIDE)} {state}")
        if keep:
            write_between(PAGE, MARKER, table)
            record("reader", rows)
    except BenchError as error:
        raise click.ClickException(str(error)) from error


def _build(names: Sequence[str], site: Path | None, folder: Path, url: str) -> Sites:
    if site is None:
        _say("building the guide")
        root = copy_project(ROOT, folder / GUIDE)
        done = run((*GUIDE_COMMAND, "build"), root, GUIDE_SITE_URL=f"{url}{GUIDE}/")
        if done.returncode:
            raise BenchError(f"the guide does not build:\n{(done.stdout + done.stderr)[-1500:]}")
        site = root / "site"
    topics = topic_pages(site)
    chosen = around_the_median(topics, PAGES)
    pages = [plain_page(site, address) for address in chosen]
    folders, measured = {GUIDE: site}, {GUIDE: (chosen[0], chosen[1])}
    for name in names:
        _say(f"building the same pages with {name}")
        own = pages[:1] if name == "material" else pages
        folders[name] = build(PEERS[name], own, f"/{name}/", folder / name)
        first, following = (PEERS[name].address.format(page.name) for page in (own[0], own[-1]))
        measured[name] = (first, following if len(own) > 1 else "")
    return Sites(folders, measured, topics)


def _measure(sites: Sites, served: Served, runs: int) -> Measured:
    at = {
        name: tuple(f"{served.url}{name}/{each}" for each in pages)
        for name, pages in sites.pages.items()
    }
    urls = {name: pages[0] for name, pages in at.items()}
    others = {"lightest": sites.topics[0], "heaviest": sites.topics[-1]}
    urls |= {f"{GUIDE}, {which}": f"{served.url}{GUIDE}/{each}" for which, each in others.items()}
    with chromium() as browser:
        weights = {name: _weigh(browser, served, pages) for name, pages in at.items()}
        _say(f"loading {len(sites.topics)} topic pages")
        topics = [f"{served.url}{GUIDE}/{each}" for each in sites.topics]
        loads = [cold(browser, url) for url in topics]
        following = warm(browser, [at[GUIDE][0], *topics])[1:]
    return Measured(
        reports=lighthouse.measure(urls, runs, _say),
        weights=weights,
        sizes=[each.size for each in loads],
        requests=[len(each.requests) for each in loads],
        elsewhere=sum(len(each.elsewhere) for each in loads),
        following=[each.size for each in following if each.size],
        topic=sites.pages[GUIDE][0],
        runs=runs,
    )


def _weigh(browser: Browser, served: Served, pages: tuple[str, ...]) -> Weights:
    first, following = warm(browser, pages)
    later = background(browser, pages[0], lambda: sum(size for _, size in served.requests))
    return Weights(first.size, len(first.requests), following.size, len(first.elsewhere), later)


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _say(text: str) -> None:
    click.echo(text, err=True)


if __name__ == "__main__":
    main()
