"""Serve the guarded application on $PORT, over HTTP/1.1 (wsgiref stops at 1.0)."""

import io
import os
import signal
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer

from example import ADMIN, APP, Policy, cors, orders_app

MAX_BODY = 1024  # bytes
GUARDED = cors(Policy((APP, ADMIN)), orders_app())


class Bridge(BaseHTTPRequestHandler):
    """As much of WSGI as the application and its middleware need."""

    protocol_version = "HTTP/1.1"
    timeout = 5  # seconds

    def bridge(self) -> None:
        length = self.headers.get("Content-Length", "0")
        if not length.isdecimal() or "Transfer-Encoding" in self.headers:
            self.send_error(411)  # closes the connection, whose content is unread
            return
        if int(length) > MAX_BODY:
            self.send_error(413)
            return
        environ = {
            "HTTP_" + name.upper().replace("-", "_"): value
            for name, value in self.headers.items()
        }
        environ["REQUEST_METHOD"] = self.command
        environ["CONTENT_LENGTH"] = length
        content = io.BytesIO(self.rfile.read(int(length)))
        body = GUARDED({**environ, "wsgi.input": content}, self.start_response)
        self.end_headers()
        self.wfile.write(b"".join(body))

    do_GET = do_POST = do_PATCH = do_OPTIONS = bridge  # noqa: N815

    def start_response(self, status: str, headers: list[tuple[str, str]]) -> None:
        code, _, reason = status.partition(" ")
        self.send_response(int(code), reason)
        for name, value in headers:
            self.send_header(name, value)

    def log_message(self, format: str, *args: object) -> None:
        """Keep stderr quiet."""


def main() -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    with HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Bridge) as server:
        server.serve_forever()


if __name__ == "__main__":
    main()
