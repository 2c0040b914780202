"""Serve the counter on $PORT at 11; its event streams end at once, as in a drain."""

import os
import signal
import sys

from example import Counter, Handler, events_after


class Draining(Handler):
    def stream(self) -> None:
        last = self.headers.get("Last-Event-ID", "")
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Accel-Buffering", "no")
        self.send_header("Connection", "close")
        self.end_headers()
        seen = int(last) if last.isdecimal() else None
        events = "".join(events_after(seen, self.server.value))
        self.wfile.write(f"retry: 2000\n\n{events}: bye\n".encode())


def main() -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    with Counter(("127.0.0.1", int(os.environ["PORT"])), Draining) as server:
        server.value = 11
        server.serve_forever()


if __name__ == "__main__":
    main()
