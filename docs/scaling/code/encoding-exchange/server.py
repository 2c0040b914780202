"""Serve one report in the negotiated coding, and take orders, on $PORT."""

import gzip
import os
import signal
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer

from example import LIMIT, choose, read_body

VERSION = "v7"  # of the report: it changes when a row changes
MIN_SIZE = 100  # bytes; below that a coding costs more than it saves
REPORT = (
    b'{"rows":[{"id":1,"city":"Oslo","cents":900},{"id":2,"city":"Oslo",'
    b'"cents":900},{"id":3,"city":"Lima","cents":700}]}'
)


class Shop(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 5  # seconds

    def do_GET(self) -> None:
        body = REPORT if self.path == "/report" else b'{"ok":true}'
        accept = self.headers.get("Accept-Encoding")
        ours = ("gzip", "identity") if len(body) >= MIN_SIZE else ("identity",)
        coding = choose(accept, ours)
        if coding is None:
            problem = b'{"title":"No acceptable content coding"}'
            self.answer(406, problem, [("Vary", "Accept-Encoding")])
            return
        etag = f'"{VERSION}"' if coding == "identity" else f'"{VERSION}-{coding}"'
        headers = [("Vary", "Accept-Encoding"), ("ETag", etag)]
        if self.headers.get("If-None-Match") == etag:
            self.answer(304, None, headers)
            return
        headers.append(("Content-Type", "application/json"))
        if coding == "gzip":
            headers.append(("Content-Encoding", "gzip"))
            body = gzip.compress(body, mtime=0)
        if self.command == "HEAD":
            self.answer(200, None, headers)
        else:
            self.answer(200, body, headers)

    do_HEAD = do_GET  # noqa: N815

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal():
            self.answer(411, b"", [("Connection", "close")])
            return
        if int(length) > LIMIT:  # the first limit: what is on the wire
            self.answer(413, b"", [("Connection", "close")])
            return
        coding = self.headers.get("Content-Encoding", "identity").lower()
        status, body = read_body(coding, self.rfile.read(int(length)))
        if status == 415:
            problem = b'{"title":"Content coding not supported"}'
            self.answer(415, problem, [("Accept-Encoding", "gzip")])
        else:
            self.answer(201 if status == 200 else status, body, [])

    def answer(
        self, status: int, body: bytes | None, headers: list[tuple[str, str]]
    ) -> None:
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        if body is not None:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body or b"")

    def log_message(self, format: str, *args: object) -> None:
        """Keep stderr quiet."""


def main() -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    with HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Shop) as server:
        server.serve_forever()


if __name__ == "__main__":
    main()
