"""Copy the repository, to build the real site in it, and serve that under a project sub-path."""

from __future__ import annotations

import functools
import http.server
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from support import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Route

PREFIX = "/guide/"
SOURCES = ("docs", "overrides", "scripts", "mkdocs.yml")
NOT_SOURCES = shutil.ignore_patterns("__pycache__", "node_modules")
RUN_GUIDE = [sys.executable, "-c", "from guide.cli import main; main()"]


@dataclass(frozen=True)
class ServedSite:
    """A built site in `folder`, served at `url` (which ends in a slash)."""

    url: str
    folder: Path

    def at(self, path: str) -> str:
        """URL of a path that starts with a slash."""
        return self.url + path.lstrip("/")


def copy_repository(root: Path, target: Path) -> Path:
    """Copy what a build reads, and what earlier checks and drawings of it left to reuse."""
    for name in SOURCES:
        source = root / name
        if source.is_dir():
            shutil.copytree(source, target / name, ignore=NOT_SOURCES)
        else:
            shutil.copy2(source, target / name)
    kept = root / ".cache"
    if (kept / "diagrams").is_dir():
        shutil.copytree(kept / "diagrams", target / ".cache" / "diagrams")
    if (kept / "memo").is_file():
        shutil.copy2(kept / "memo", target / ".cache" / "memo")
    return target


def with_sources(context: BrowserContext) -> BrowserContext:
    """Have pages run the scripts of docs/ as a preview does, so that tests can import modules."""
    scripts = "/assets/javascripts/"

    def answer(route: Route) -> None:
        source = ROOT / f"docs{scripts}{route.request.url.partition(scripts)[2]}"
        if source.is_file():
            route.fulfill(path=source, content_type="text/javascript")
        else:
            route.fallback()

    context.route(f"**{scripts}**", answer)
    return context


def run_guide(
    folder: Path, *arguments: str, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run the `guide` command in `folder`."""
    return subprocess.run(
        [*RUN_GUIDE, *arguments],
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )


class _Server(http.server.ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a browser that left before all was there."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(http.server.SimpleHTTPRequestHandler):
    before: Callable[[str], None] = staticmethod(lambda path: None)

    def do_GET(self) -> None:
        self.before(self.path)
        super().do_GET()

    def translate_path(self, path: str) -> str:
        if not path.startswith(PREFIX):
            return str(Path(self.directory) / "outside-the-project")
        return super().translate_path("/" + path.removeprefix(PREFIX))

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Answer like GitHub Pages: the site's own 404 page."""
        page = Path(self.directory) / "404.html"
        if code != 404 or not page.is_file():
            super().send_error(code, message, explain)
            return
        body = page.read_bytes()
        self.send_response(404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def serve(
    folder: Path, before: Callable[[str], None] | None = None
) -> Iterator[http.server.ThreadingHTTPServer]:
    """Serve `folder` under PREFIX on the loopback interface, on a free port.

    `before` is called with the path of each request before it is answered.
    """
    own = type("_OwnHandler", (_Handler,), {"before": staticmethod(before)}) if before else _Handler
    handler = functools.partial(own, directory=str(folder))
    with _Server(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
