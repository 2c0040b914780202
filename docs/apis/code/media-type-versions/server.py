"""Serve the order on $PORT, on the day that the example calls today."""

import os
import signal
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer

from example import TODAY, respond


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 5  # seconds

    def do_GET(self) -> None:
        answer = respond(self.path, self.headers.get("Accept", "*/*"), TODAY)
        body = answer.body.encode()
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Keep stderr quiet."""


def main() -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    with HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler) as server:
        server.serve_forever()


if __name__ == "__main__":
    main()
