"""Serve folders as GitHub Pages does: compressed by gzip, and fresh for ten minutes."""

from __future__ import annotations

import gzip
import hashlib
import http.server
import mimetypes
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

FRESH = "max-age=600"
_COMPRESSED = ("text/", "application/javascript", "application/json", "image/svg+xml")
_COMPRESSED_ENDINGS = (".webmanifest", ".xml", ".mjs")
_TYPES = {".js": "application/javascript", ".mjs": "application/javascript"}


@dataclass(slots=True)
class Served:
    """What runs: the address, and the requests so far as (path, bytes of the answer's body)."""

    url: str
    requests: list[tuple[str, int]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Answer:
    body: bytes
    kind: str
    tag: str
    compressed: bool


@contextmanager
def serve(sites: Mapping[str, Path], port: int = 0) -> Iterator[Served]:
    """Serve each of `sites` below its name, as project sites stand, on the loopback interface."""
    served = Served("")

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"  # connections are kept, as everywhere
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            path = unquote(urlsplit(self.path).path)
            if path == "/favicon.ico":  # of the whole host, not of any site: nobody's error
                return self._send(204, None, {})
            name, _, rest = path.lstrip("/").partition("/")
            file = _file(sites[name], rest) if name in sites else None
            missing = sites[name] / "404.html" if name in sites else None
            if file is not None and file.is_dir():
                self._send(301, None, {"Location": f"{path}/"})
            elif file is not None:
                answer = _read(file)
                fresh = self.headers.get("If-None-Match") == answer.tag
                self._send(304 if fresh else 200, None if fresh else answer, {"ETag": answer.tag})
            else:
                page = _read(missing) if missing is not None and missing.is_file() else None
                self._send(404, page, {})

        def _send(self, status: int, answer: _Answer | None, more: Mapping[str, str]) -> None:
            body = answer.body if answer else b""
            served.requests.append((self.path, len(body)))
            self.send_response(status)
            self.send_header("Cache-Control", FRESH)
            if status != 304:
                self.send_header("Content-Length", str(len(body)))
            if answer:
                self.send_header("Content-Type", answer.kind)
                self.send_header("Vary", "Accept-Encoding")
                if answer.compressed:
                    self.send_header("Content-Encoding", "gzip")
            for name, value in more.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    class Server(http.server.ThreadingHTTPServer):
        def handle_error(self, *_: object) -> None:
            """A browser that was closed cuts its connections."""

    with Server(("127.0.0.1", port), Handler) as server:
        served.url = f"http://127.0.0.1:{server.server_port}/"
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield served
        finally:
            server.shutdown()
            thread.join()


def _file(site: Path, path: str) -> Path | None:
    """The file that answers `path`: a folder by its index, a page without its ending as it is."""
    found = (site / path).resolve()
    if not found.is_relative_to(site.resolve()):
        return None
    if found.is_dir():
        index = found / "index.html"
        return (index if path.endswith("/") or not path else found) if index.is_file() else None
    if not found.exists() and not path.endswith("/"):
        found = found.with_name(f"{found.name}.html")
    return found if found.is_file() else None


@cache
def _read(file: Path) -> _Answer:
    content = file.read_bytes()
    kind = _TYPES.get(file.suffix) or mimetypes.guess_type(file.name)[0]
    kind = kind or "application/octet-stream"
    squeezed = kind.startswith(_COMPRESSED) or file.suffix in _COMPRESSED_ENDINGS
    charset = "; charset=utf-8" if kind.startswith("text/") else ""
    tag = f'"{hashlib.sha256(content).hexdigest()[:16]}"'
    body = gzip.compress(content, 6, mtime=0) if squeezed else content
    return _Answer(body, kind + charset, tag, squeezed)
