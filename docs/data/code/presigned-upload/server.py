"""The application (POST /uploads ...) and the store (PUT, HEAD) on one port."""

import hashlib
import json
import os
import signal
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer

from example import NOW, SECRET, check, presign

LIMIT = 1_000_000
ALLOWED = ("application/pdf", "image/png")
OBJECTS: dict[str, bytes] = {}
UPLOADS: dict[str, tuple[int, str]] = {}  # what the application promised


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 5  # seconds

    def do_POST(self) -> None:
        if self.path == "/uploads":
            self.start()
        else:
            self.complete(self.path.removeprefix("/uploads/").removesuffix("/complete"))

    def start(self) -> None:
        wanted = json.loads(self.content(10_000))
        size, media_type = wanted["size"], wanted["type"]
        if not (isinstance(size, int) and 0 < size <= LIMIT):
            self.answer(413, {"error": f"at most {LIMIT} bytes"})
            return
        if media_type not in ALLOWED:
            self.answer(415, {"error": "a PDF or a PNG"})
            return
        upload_id = f"{len(UPLOADS) + 1:04x}"  # in production: 128 random bits
        UPLOADS[upload_id] = size, media_type
        path = f"/quarantine/{upload_id}"
        url, headers = presign(path, size, media_type, NOW, SECRET)
        self.answer(201, {"id": upload_id, "put": url, "headers": headers})

    def complete(self, upload_id: str) -> None:
        data = OBJECTS.get(f"/quarantine/{upload_id}")
        if upload_id not in UPLOADS or data is None:
            self.answer(409, {"error": "nothing was uploaded"})
        elif len(data) != UPLOADS[upload_id][0]:
            self.answer(422, {"error": "another size than promised"})
        else:
            digest = hashlib.sha256(data).hexdigest()[:16]
            self.answer(202, {"id": upload_id, "state": "scanning", "sha256": digest})

    def do_PUT(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        path = self.path.partition("?")[0]
        refusal = check("PUT", self.path, headers, NOW, SECRET)
        if refusal:
            self.discard()
            self.answer(403, {"error": refusal})
        elif path in OBJECTS:
            self.discard()
            self.answer(412, {"error": "the key is taken"})
        else:
            OBJECTS[path] = self.content(LIMIT)
            self.answer(200, {"stored": len(OBJECTS[path])})

    def content(self, limit: int) -> bytes:
        return self.rfile.read(min(int(self.headers["Content-Length"]), limit))

    def discard(self) -> None:
        """A short body is read to keep the connection, a long one ends it."""
        if int(self.headers["Content-Length"]) <= 1000:
            self.content(1000)
        else:
            self.close_connection = True

    def answer(self, status: int, value: dict[str, object]) -> None:
        body = json.dumps(value).encode()
        self.send_response(status)
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
