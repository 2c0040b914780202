"""Serve on $PORT with the framing loop of the example, connection by connection."""

import contextlib
import os
import signal
import socket
import sys

from example import serve


def main() -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    address = ("127.0.0.1", int(os.environ["PORT"]))
    with socket.create_server(address) as listener:
        while True:
            # A peer that stalls or resets loses its own connection and no other.
            with contextlib.suppress(TimeoutError, ConnectionError):
                serve(listener, log=[])


if __name__ == "__main__":
    main()
