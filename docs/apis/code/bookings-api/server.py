"""Serve the bookings API on $PORT, with a worker that is never behind."""

import os
import signal
import sys

from example import Hotel, Response, Server, run_worker


class PromptServer(Server):
    """Whoever asks for a job finds it done: the worker runs before each request."""

    def dispatch(self) -> Response:
        run_worker()
        return super().dispatch()


def main() -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    with Hotel(("127.0.0.1", int(os.environ["PORT"])), PromptServer) as server:
        server.serve_forever()


if __name__ == "__main__":
    main()
