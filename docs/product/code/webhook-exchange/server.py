"""Play the provider's API and the shop's receiver on $PORT, at one fixed time."""

import base64
import hmac
import json
import os
import signal
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer

NOW = 1_795_262_400  # seconds since 1970: 2026-11-21 12:00 UTC
WINDOW_SECONDS = 300
MAX_BODY = 20 * 1024  # bytes
SECRET = "whsec_SampleSampleSampleSampleSampleSa"  # shown once, at registration
KEY = base64.b64decode(SECRET.removeprefix("whsec_"))
INBOX: dict[str, bytes] = {}  # a table, its key is the id
PAYMENT = {"id": "pay_42", "status": "refunded", "amount": 4200, "currency": "EUR"}


def sign(key: bytes, message_id: str, timestamp: str, body: bytes) -> str:
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(key, signed, "sha256")).decode()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 5  # seconds

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) > MAX_BODY:
            self.close_connection = True
            self.answer(413, {"error": "length"})
            return
        body = self.rfile.read(int(length))
        if self.path == "/v1/webhook-endpoints":
            created = {"id": "we_1", **json.loads(body), "secret": SECRET}
            at = "/v1/webhook-endpoints/we_1"
            self.answer(201, created, Location=at, Cache_Control="no-store")
        else:
            self.receive(body)

    def receive(self, body: bytes) -> None:
        message_id = self.headers.get("webhook-id", "")
        timestamp = self.headers.get("webhook-timestamp", "")
        given = self.headers.get("webhook-signature", "").encode().split()
        expected = sign(KEY, message_id, timestamp, body).encode()
        if not any(hmac.compare_digest(one, expected) for one in given):
            self.refuse("no signature fits")
        elif abs(NOW - int(timestamp)) > WINDOW_SECONDS:
            self.refuse("outside the window")
        else:
            known = message_id in INBOX
            INBOX.setdefault(message_id, body)
            self.answer(202, {"known": known, "inbox": len(INBOX)})

    def do_GET(self) -> None:
        self.answer(200, PAYMENT)

    def refuse(self, reason: str) -> None:
        self.answer(401, {"error": reason}, WWW_Authenticate="Webhook-Signature")

    def answer(self, status: int, content: dict[str, object], **extra: str) -> None:
        body = json.dumps(content, separators=(",", ":")).encode()
        self.send_response(status)
        for name, value in extra.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Type", "application/json")
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
