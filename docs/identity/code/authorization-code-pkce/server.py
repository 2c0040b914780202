"""Serve the authorization server and the photo API on $PORT, by Host."""

import base64
import json
import os
import signal
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from itertools import chain, count
from urllib.parse import parse_qsl, urlsplit

from example import Answer, AuthorizationServer, clients, failed

MAX_BODY = 4096  # bytes
SESSIONS = {"ada-sample": "ada"}  # of the authorization server
NAMES = chain(["sample-code-1"], (f"sample-token-{n}" for n in count(1)))
SERVER = AuthorizationServer(clients(), lambda: 0, NAMES.__next__)


def once(text: str) -> dict[str, str] | None:
    """Parameters, each given once; empty values count as left out."""
    pairs = parse_qsl(text)
    found = dict(pairs)
    return found if len(found) == len(pairs) else None


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 5  # seconds

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        host = self.headers.get("Host")
        if host == "login.photos.test" and url.path == "/authorize":
            self.reply(self.authorize(url.query))
        elif host == "api.photos.test" and url.path == "/photos":
            self.photos()
        else:
            self.reply(failed("not_found", 404))

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) > MAX_BODY:
            self.send_error(413)
            return
        text = self.rfile.read(int(length)).decode(errors="replace")
        form = once(text)
        if self.headers.get("Host") != "login.photos.test" or self.path != "/token":
            self.reply(failed("not_found", 404))
        elif form is None:
            self.reply(failed("invalid_request"))
        else:
            self.reply(SERVER.token(form, self.basic()))

    def authorize(self, text: str) -> Answer:
        cookie = self.headers.get("Cookie", "").removeprefix("session=")
        user, query = SESSIONS.get(cookie), once(text)
        if user is None:
            return failed("login_required", 401)  # a real one shows its login page
        if query is None:
            return failed("invalid_request")
        return SERVER.authorize(user, query)

    def basic(self) -> tuple[str, str] | None:
        scheme, _, given = self.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "basic":
            return None
        try:
            pair = base64.b64decode(given, validate=True).decode()
        except ValueError:
            return ("", "")
        name, _, secret = pair.partition(":")
        return (name, secret)

    def photos(self) -> None:
        scheme, _, token = self.headers.get("Authorization", "").partition(" ")
        owner = SERVER.owner(token, "photos.read")
        if scheme.lower() != "bearer" or owner is None:
            challenge = 'Bearer realm="photos", error="invalid_token"'
            self.reply(failed("invalid_token", 401), {"WWW-Authenticate": challenge})
        else:
            self.reply(Answer(200, {"owner": owner, "photos": 3}))

    def reply(self, answer: Answer, more: dict[str, str] | None = None) -> None:
        self.send_response(answer.status)
        if answer.location:
            self.send_header("Location", answer.location)
            self.send_header("Referrer-Policy", "no-referrer")
        body = json.dumps(answer.body).encode() if answer.body else b""
        if body:
            self.send_header("Content-Type", "application/json")
        self.send_header("Cache-Control", "no-store")
        for name, value in (more or {}).items():
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
