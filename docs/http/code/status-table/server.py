"""Serve the decisions of the example on $PORT; they keep no state."""

import os
import signal
import sys
from http.server import ThreadingHTTPServer

from example import Handler


def main() -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    address = ("127.0.0.1", int(os.environ["PORT"]))
    with ThreadingHTTPServer(address, Handler) as server:
        server.serve_forever()


if __name__ == "__main__":
    main()
