"""Look at every page with axe: both color schemes, phone and desk, closed and opened.

The suite looks at each page once; this looks at all of them in all ways, which takes half an hour.
The site is built from this repository. What passed is kept in the work folder and not looked at
again while its page, the styles and the scripts are the same, so a run that was ended goes on.

Examples:
  python scripts/bench/accessibility.py --record
  python scripts/bench/accessibility.py --only caching/ --jobs 1
"""

from __future__ import annotations

import hashlib
import multiprocessing
import shutil
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from figures import GUIDE, PAGE, Figure, record
from workspace import ROOT, BenchError

sys.path.insert(0, str(ROOT / "tests"))
import page_states
from axe import FILE as AXE
from axe import choose_scheme
from page_states import STATES
from site_server import PREFIX, copy_repository, run_guide, serve

if TYPE_CHECKING:
    from playwright.sync_api import Page

MARKER = "a11y"
URL = f"https://example.org{PREFIX}"
"""What the site is built for, always the same: it is in the pages, and those that differ are looked
at again. Nobody is asked there: the links between the pages are relative."""
WIDTHS = (360, 1280)
SCHEMES = ("light", "dark")


@dataclass(frozen=True, slots=True)
class Look:
    """One look at a page; `broken` are the rules broken, each with an element that does."""

    key: str
    path: str
    width: int
    scheme: str
    state: str
    broken: tuple[tuple[str, str], ...] = ()


def looks(path: str, content: str) -> Iterator[Look]:
    """All looks at a page; those at states that it does not have come to nothing."""
    for width in WIDTHS:
        for scheme in SCHEMES:
            for state in STATES:
                text = f"{content} {path} {width} {scheme} {state}"
                key = hashlib.sha256(text.encode()).hexdigest()[:20]
                yield Look(key, path, width, scheme, state)


_page: Page | None = None
_address = ""


def _open_browser(address: str) -> None:
    """Each process has a browser of its own, which ends with it, for the site at `address`."""
    global _page, _address
    _address = address
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    browser = (
        sync_playwright()
        .start()
        .chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
    )
    context = browser.new_context(reduced_motion="reduce", service_workers="block")
    _page = context.new_page()
    _page.route("**/*.{png,webp}", lambda route: route.abort())


def _look(wanted: Sequence[Look]) -> list[Look]:
    """Look at one page; whoever calls gives all looks at it together."""
    from playwright.sync_api import Error

    assert _page is not None
    done = []
    last = None
    for look in wanted:
        size = (look.width, look.scheme)
        try:
            if size != last:
                _open(_page, look)
            found = page_states.look(_page, look.state)
            last = size
        except Error as error:
            found = [("cannot be looked at", [error.message.splitlines()[0]])]
            last = None
        broken = tuple(sorted({(rule, " ".join(map(str, target))) for rule, target in found}))
        done.append(replace(look, broken=broken))
    return done


def _open(page: Page, look: Look) -> None:
    page.set_viewport_size({"width": look.width, "height": 900})
    page.goto("about:blank")
    page.goto(_address + look.path)
    page.locator(".md-header button[aria-label=Navigation]").wait_for(state="attached")
    choose_scheme(page, look.scheme)


@click.command(help=__doc__, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--jobs", default=2, show_default=True, help="Processes, each with a browser.")
@click.option("--only", default="", help="Only pages whose address starts like this.")
@click.option(
    "--work",
    type=click.Path(path_type=Path, file_okay=False),
    default=ROOT / ".cache" / "accessibility",
    help="Where the site is built and what passed is kept.",
)
@click.option("--record", "keep", is_flag=True, help=f"Write the figures into {PAGE.name}.")
def main(jobs: int, only: str, work: Path, keep: bool) -> None:
    """Look at the pages, print what is broken and a table; exit 1 if anything is."""
    if keep and only:
        raise click.UsageError("What is recorded is about all pages: leave --only out.")
    try:
        site = _build(work)
        if not AXE.exists():
            raise BenchError("axe-core is not installed: run `make setup`")
    except BenchError as error:
        raise click.ClickException(str(error)) from error
    kept_file = work / "passed.txt"
    passed = set(kept_file.read_text("utf-8").split()) if kept_file.exists() else set()
    shared = _digest(file for file in site.rglob("*") if file.suffix in {".css", ".js", ".mjs"})
    shared += _digest([AXE])
    pages = sorted(each.relative_to(site).as_posix() for each in site.rglob("*.html"))
    tasks = []
    for name in pages:
        path = name.removesuffix("index.html")
        if path.startswith(only):
            content = shared + _digest([site / name])
            tasks.append([each for each in looks(path, content) if each.key not in passed])
    results = Counter[tuple[str, bool]]()
    with ExitStack() as stack:
        server = stack.enter_context(serve(site))
        address = f"http://127.0.0.1:{server.server_port}{PREFIX}"
        kept = stack.enter_context(kept_file.open("a", encoding="utf-8"))
        spawn = multiprocessing.get_context("spawn")
        pool = stack.enter_context(spawn.Pool(jobs, _open_browser, (address,)))
        todo = [task for task in tasks if task]
        bar = click.progressbar(
            pool.imap_unordered(_look, todo), len(todo), label="Pages", file=sys.stderr
        )
        for done in stack.enter_context(bar):
            for look in done:
                results[look.state, bool(look.broken)] += 1
                if not look.broken:
                    kept.write(f"{look.key}\n")
                for rule, element in look.broken:
                    place = f"/{look.path} ({look.state}, {look.scheme}, {look.width} px)"
                    click.echo(f"{place}: {rule}: {element}")
            kept.flush()
    before = len(tasks) * len(WIDTHS) * len(SCHEMES) * len(STATES) - sum(map(len, tasks))
    click.echo(_table(len(tasks), before, results))
    if keep:
        wrong = sum(number for (_, broken), number in results.items() if broken)
        looks_taken = f"{before + results.total():,} looks at {len(tasks)} pages"
        name = f"violations that axe finds, {looks_taken}"
        record(MARKER, [Figure(name, "0", {GUIDE: f"{wrong:,}"}, not wrong)])
    if any(broken for _, broken in results):
        raise SystemExit(1)


def _build(work: Path) -> Path:
    """The site, built in a copy of this repository for the address where it is served."""
    copy = work / "repository"
    shutil.rmtree(copy, ignore_errors=True)
    copy.parent.mkdir(parents=True, exist_ok=True)
    done = run_guide(copy_repository(ROOT, copy), "build", GUIDE_SITE_URL=URL)
    if done.returncode:
        raise BenchError(f"the site cannot be built:\n{done.stdout}{done.stderr}")
    return copy / "site"


def _digest(files: Any) -> str:
    hashed = hashlib.sha256()
    for file in sorted(files):
        hashed.update(file.read_bytes())
    return hashed.hexdigest()


def _table(pages: int, before: int, results: Counter[tuple[str, bool]]) -> str:
    lines = [
        f"{pages} pages, {len(SCHEMES)} schemes, {len(WIDTHS)} widths; "
        f"{before:,} looks passed in earlier runs and were not repeated.",
        "",
        "| State | Looks | With violations |",
        "|---|---:|---:|",
    ]
    for state in STATES:
        fine, broken = results[state, False], results[state, True]
        lines.append(f"| {state.capitalize()} | {fine + broken:,} | {broken} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
