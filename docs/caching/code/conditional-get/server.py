"""Serve one product and one profile, with validators, on $PORT."""

import hashlib
import os
import signal
import sys
from email.utils import parsedate_to_datetime
from http.server import BaseHTTPRequestHandler, HTTPServer

MODIFIED = "Fri, 20 Nov 2026 09:00:00 GMT"
MAX_BODY = 1024  # bytes


# --8<-- [start:show]
def etag_of(body: bytes) -> str:
    """A strong ETag, cut to 8 digits for the page: take 32 or more."""
    return '"' + hashlib.sha256(body).hexdigest()[:8] + '"'


def matches(header: str, etag: str, *, weak: bool) -> bool:
    """Is the ETag in the list? If-None-Match compares weakly, If-Match strongly."""
    listed = [item.strip() for item in header.split(",")]
    if weak:
        listed = [item.removeprefix("W/") for item in listed]
    return header.strip() == "*" or etag in listed


def not_modified(headers: dict[str, str], etag: str, modified: str) -> bool:
    """If-None-Match decides alone where it is present: dates are too coarse."""
    if "if-none-match" in headers:
        return matches(headers["if-none-match"], etag, weak=True)
    try:
        since = parsedate_to_datetime(headers["if-modified-since"])
    except (KeyError, ValueError):
        return False  # absent, or no date: answer in full
    return parsedate_to_datetime(modified) <= since


# --8<-- [end:show]


class Shop(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 5  # seconds
    names = {"en": b'{"name":"Tea"}', "de": b'{"name":"Tee"}'}  # noqa: RUF012

    def do_GET(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        if self.path == "/me":
            body, policy, vary = b'{"user":"ada"}', "private, no-cache", "Cookie"
        else:
            language = headers.get("accept-language", "en")
            body = self.names.get(language, self.names["en"])
            policy, vary = "max-age=60, s-maxage=600", "Accept-Language"
        etag = etag_of(body)
        same = not_modified(headers, etag, MODIFIED)
        self.send_response(304 if same else 200)
        self.send_header("Cache-Control", policy)
        self.send_header("Vary", vary)
        self.send_header("ETag", etag)
        if not same:
            self.send_header("Last-Modified", MODIFIED)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if not same:
            self.wfile.write(body)

    def do_PUT(self) -> None:
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) > MAX_BODY:
            self.send_error(413 if length.isdecimal() else 411)
            return
        body = self.rfile.read(int(length))
        etag = etag_of(self.names["en"])
        if not matches(self.headers.get("If-Match", ""), etag, weak=False):
            self.send_response(412)
            self.send_header("Content-Length", "0")
        else:
            self.names["en"] = body
            self.send_response(204)
            self.send_header("ETag", etag_of(body))
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Keep stderr quiet."""


def main() -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    with HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Shop) as server:
        server.serve_forever()


if __name__ == "__main__":
    main()
