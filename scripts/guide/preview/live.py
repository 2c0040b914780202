"""What the browser is told: whether its page is still the one to show, and how far the site is.

Served pages carry a small script (client.js). It keeps a stream of events open, on which the
server says `reload` when the page's content is another one now, and the state of the site as it
changes. Nothing of this is in a published page.
"""

from __future__ import annotations

import hashlib
import json
import posixpath
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

PREFIX = "/livereload/"
"""Where MkDocs has its own live reload: never a page of the site."""
HEARTBEAT = 15.0
"""Seconds after which a silent stream says something, to notice that its browser is gone."""
_ASSETS = {"client.js": "text/javascript; charset=utf-8", "client.css": "text/css; charset=utf-8"}
_NOT_FOUND = "404.html"

StartResponse = Callable[..., Any]
Application = Callable[[dict[str, Any], StartResponse], Iterable[bytes]]


@dataclass(frozen=True, slots=True)
class Status:
    """How far the site is: `state` is "current", "behind" or "broken"; `text` is for people."""

    state: str
    text: str


class Live:
    """The site in a folder, as browsers see it. `show` is called with each new folder."""

    def __init__(self, site: Path, mount: str, show: Callable[[Path], None]) -> None:
        self._site = site
        self._mount = mount
        self._show = show
        self._status = Status("current", "")
        self._files = 0
        self._turn = 0
        self._changed = threading.Condition()

    def tell(self, status: Status) -> None:
        """Tell every open page how far the site is; pages that changed reload."""
        with self._changed:
            self._status = status
            self._turn += 1
            self._changed.notify_all()

    def show(self, site: Path) -> None:
        """Serve the folder `site` from now on."""
        self._show(site)
        self._site = site

    def files_changed(self) -> None:
        """A style sheet, script or image changed: any page may look different."""
        self._files += 1

    def page(self, content: bytes, epoch: int = 0) -> bytes:
        """Return a page of HTML with the script that keeps it up to date."""
        tags = (
            f'<link rel="stylesheet" href="{PREFIX}client.css">'
            f'<script type="module" src="{PREFIX}client.js?version={self._version(content)}">'
            "</script>"
        )
        head, end, rest = content.rpartition(b"</body>")
        return head + tags.encode() + end + rest if end else content + tags.encode()

    def not_found(self, code: int) -> bytes | None:
        """The page for an address that is none, which reloads when it becomes one."""
        try:
            return self.page((self._site / f"{code}.html").read_bytes())
        except OSError:
            return None

    def around(self, inner: Application) -> Application:
        """Answer what the script asks for; leave all else to `inner`."""

        def application(environ: dict[str, Any], start: StartResponse) -> Iterable[bytes]:
            path = environ.get("PATH_INFO", "")
            name = path.removeprefix(PREFIX)
            if name != path and name in _ASSETS:
                content = files(__package__).joinpath(name).read_bytes()
                start("200 OK", [("Content-Type", _ASSETS[name])])
                return [content]
            if path == f"{PREFIX}events":
                query = parse_qs(environ.get("QUERY_STRING", ""))
                start(
                    "200 OK",
                    [("Content-Type", "text/event-stream"), ("Cache-Control", "no-store")],
                )
                return self._events(query.get("page", [""])[0], query.get("version", [""])[0])
            return inner(environ, start)

        return application

    def _events(self, page: str, version: str) -> Iterator[bytes]:
        """Stream what happens to the page at the address `page`, of which the browser has one."""
        turn, told = -1, Status("", "")
        while True:
            with self._changed:
                if self._turn == turn:
                    self._changed.wait(HEARTBEAT)
                turn, status = self._turn, self._status
            if self._current(page) != version:
                yield b"event: reload\ndata:\n\n"
                return
            if status != told:
                told = status
                yield f"data: {json.dumps(asdict(status))}\n\n".encode()
            else:
                yield b":\n\n"

    def _current(self, page: str) -> str:
        """The version of what stands at the address `page`."""
        path = page.removeprefix(self._mount) + ("index.html" if page.endswith("/") else "")
        inside = posixpath.normpath(f"/{path}").lstrip("/")
        for name in (inside, _NOT_FOUND):
            try:
                return self._version((self._site / name).read_bytes())
            except OSError:
                continue
        return ""

    def _version(self, content: bytes) -> str:
        return f"{hashlib.sha256(content).hexdigest()[:16]}-{self._files}"
