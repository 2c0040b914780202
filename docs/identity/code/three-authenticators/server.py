"""Serve the guarded route on $PORT."""

import os
import signal
import sys
from http.server import ThreadingHTTPServer

from example import READ, api_keys, basic, bearer, guard, handler_for, report


def main() -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    log: list[str] = []
    guarded = guard([basic(), api_keys(), bearer()], READ, report, log.append)
    address = ("127.0.0.1", int(os.environ["PORT"]))
    with ThreadingHTTPServer(address, handler_for({"/reports": guarded})) as server:
        server.serve_forever()


if __name__ == "__main__":
    main()
