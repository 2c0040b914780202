"""The guide with its own search and with the theme's: built, served, and weighed."""

from __future__ import annotations

import functools
import gzip
import http.server
import json
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from search_box import SearchBox, new_page
from workspace import GUIDE, BenchError, run, tool

if TYPE_CHECKING:
    from playwright.sync_api import Browser

TOPIC = "security/cors/"
"""The page of a visit that searches for nothing."""
STOCK_WORKER = "assets/javascripts/workers/search."

# What makes the search of this site, and how a site without it differs.
OURS = (
    "overrides/partials/search.html",
    "docs/assets/javascripts/lazy-search.js",
)
INCLUDES = (
    (
        "overrides/main.html",
        """<script src="{{ 'assets/javascripts/lazy-search.js' | url }}"></script>""",
    ),
    ("scripts/guide/site.py", "    replace_index(config, library)\n"),
    ("scripts/guide/site.py", "drop_unused(folder)"),
)


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
    for path, line in INCLUDES:
        text = (root / path).read_text("utf-8")
        if line not in text:
            raise BenchError(f"{path} has no {line}: say in {Path(__file__).name} what it has now")
        (root / path).write_text(text.replace(line, ""), "utf-8")


def weigh(site: Site, browser: Browser) -> Weight:
    """Visit a page of `site`, then search: what is transferred when."""
    new_page(browser).goto(site.url + TOPIC, wait_until="networkidle")
    visit = site.taken()
    for_search = _for_search(visit)
    SearchBox(new_page(browser), site.url)
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
