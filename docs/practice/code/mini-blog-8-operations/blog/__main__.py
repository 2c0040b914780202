"""The server: `python -m blog`."""

import os

import uvicorn
from fastapi import FastAPI

from blog import logs
from blog.app import create_app
from blog.settings import Settings


# --8<-- [start:show]
def server_config(app: FastAPI, settings: Settings) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        # On SIGTERM: accept no more, finish what runs, but not for ever. It
        # must be less than what the platform waits before SIGKILL.
        timeout_graceful_shutdown=20,
        timeout_keep_alive=5,
        # More at once are answered 503: better than a queue without end.
        limit_concurrency=200,
        access_log=False,  # ours says more
        log_config=None,
        server_header=False,
    )


def main() -> None:
    logs.configure()
    settings = Settings.from_environment(os.environ)
    uvicorn.Server(server_config(create_app(settings), settings)).run()


# --8<-- [end:show]

if __name__ == "__main__":
    main()
