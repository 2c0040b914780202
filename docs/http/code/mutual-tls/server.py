"""Answer on $PORT as the application behind the proxy that ends TLS.

The proxy sets X-Forwarded-Proto to the scheme that the client used, whatever the
client wrote there, and nobody else can reach this port.
"""

import os
import signal
import sys
from email.message import Message
from http.server import BaseHTTPRequestHandler, HTTPServer

ORDERS = {("GET", "/orders/17"): b'{"id":17,"status":"shipped"}'}
LEAKED = b"The token crossed the network; it is revoked."
HSTS = {"Strict-Transport-Security": "max-age=31536000; includeSubDomains"}
REVOKED: set[str] = set()


def decide(method: str, path: str, asked: Message) -> tuple[int, dict[str, str], bytes]:
    token = asked["Authorization"]
    if asked["X-Forwarded-Proto"] == "https":
        if token in REVOKED:
            return 401, {"WWW-Authenticate": "Bearer"} | HSTS, b""
        if content := ORDERS.get((method, path)):
            return 200, {"Content-Type": "application/json"} | HSTS, content
        return 404, HSTS, b""
    if asked["Host"] != "api.shop.example":  # never redirect to a Host that was sent
        return 308, {"Location": f"https://shop.example{path}"}, b""
    problem = b'{"title":"Use https"}'
    if token is not None:
        REVOKED.add(token)
        problem = b'{"title":"Use https","detail":"%s"}' % LEAKED
    return 403, {"Content-Type": "application/problem+json"}, problem


class Application(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 5  # seconds

    def answer(self) -> None:
        length = self.headers.get("Content-Length", "0")
        sized = length.isdecimal() and "Transfer-Encoding" not in self.headers
        if not sized or int(length) > 1024 or not self.path.startswith("/"):
            self.send_error(400)  # and close: the content is unread
            return
        self.rfile.read(int(length))
        status, headers, body = decide(self.command, self.path, self.headers)
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = answer  # noqa: N815

    def log_message(self, format: str, *args: object) -> None:
        """Keep stderr quiet."""


def main() -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    with HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Application) as server:
        server.serve_forever()


if __name__ == "__main__":
    main()
