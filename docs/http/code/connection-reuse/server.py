"""Serve the items of the example on $PORT, each as soon as it is asked for."""

import os
import signal
import sys

from example import Gate, ItemHandler, Server


class OpenGate(Gate):
    """Holds nobody: whoever replays an exchange sends one request at a time."""

    def wait(self, first_on_connection: bool) -> None:
        with self.turn:
            self.connections += first_on_connection


def main() -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    with Server(("127.0.0.1", int(os.environ["PORT"])), ItemHandler) as server:
        server.gate = OpenGate(in_flight=1)
        server.serve_forever()


if __name__ == "__main__":
    main()
