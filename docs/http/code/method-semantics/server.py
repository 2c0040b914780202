"""Serve the notes of the example on $PORT, over connections that stay open."""

import os
import signal
import sys
from http.server import HTTPServer

from example import Note, NotesHandler


class PersistentHandler(NotesHandler):
    protocol_version = "HTTP/1.1"

    def reply(
        self,
        status: int,
        note: Note | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        if self.may_leave_content(status):
            headers = {**(headers or {}), "Connection": "close"}
        super().reply(status, note, headers)

    def may_leave_content(self, status: int) -> bool:
        """Unread content would be taken for the next request on the connection."""
        if "Transfer-Encoding" in self.headers:  # the handler knows lengths only
            return True
        read = status < 400 and self.command in ("POST", "PUT", "PATCH")
        return not read and self.headers.get("Content-Length", "0") != "0"


def main() -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    address = ("127.0.0.1", int(os.environ["PORT"]))
    # One connection at a time: the store has no lock.
    with HTTPServer(address, PersistentHandler) as server:
        server.serve_forever()


if __name__ == "__main__":
    main()
