"""Serve the comment page and its API on $PORT."""

import json
import os
import signal
import sys
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs

from example import Comment, api_headers, counted, new_nonce, page_headers, render

MAX_BODY = 1024  # bytes


class Shop(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 5  # seconds
    comment = Comment()  # the stored one
    random = staticmethod(counted())  # secrets.token_bytes in service

    def do_GET(self) -> None:
        match self.path:
            case "/comments":
                nonce = new_nonce(self.random)
                body = render(self.comment, nonce)
                self.answer(200, page_headers(nonce), body)
            case "/api/comments/1":
                body = json.dumps({"text": self.comment.text})
                self.answer(200, api_headers(), body)
            case _:
                problem = {"Content-Type": "application/problem+json"}
                body = json.dumps({"status": 404, "title": "Not found"})
                self.answer(404, {**api_headers(), **problem}, body)

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) > MAX_BODY:
            self.send_error(413)
            return
        form = parse_qs(self.rfile.read(int(length)).decode())
        Shop.comment = replace(self.comment, text=form["text"][0])
        self.answer(303, {"Location": "/comments", "Cache-Control": "no-store"}, "")

    def answer(self, status: int, headers: dict[str, str], body: str) -> None:
        content = body.encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Keep stderr quiet."""


def main() -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    with HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Shop) as server:
        server.serve_forever()


if __name__ == "__main__":
    main()
