"""One line for each request, under an id that client and log share."""

import logging
import re
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

import asyncpg
from asyncpg.connection import LoggedQuery
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from blog.problems import internal_error

USABLE_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
log = logging.getLogger("blog.access")


@dataclass
class Tally:
    """How many statements a request sent to PostgreSQL."""

    statements: int = 0

    def count(self, _: LoggedQuery) -> None:
        self.statements += 1


_tally: ContextVar[Tally | None] = ContextVar("tally", default=None)


@contextmanager
def counted(connection: asyncpg.Connection) -> Iterator[None]:
    """Count what this connection does for the request that borrowed it."""
    tally = _tally.get()
    if tally is None:
        yield
        return
    with connection.query_logger(tally.count):
        yield


# --8<-- [start:show]
class AccessLog:
    """ASGI middleware, around everything else."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id, status = request_id_of(scope), 0
        began, tally = time.perf_counter(), Tally()
        token = _tally.set(tally)

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"].append((b"x-request-id", request_id.encode()))
            await send(message)

        error: Exception | None = None
        try:
            await self._app(scope, receive, answer)
        except Exception as caught:
            if status:  # the answer has begun: the server can only cut it off
                raise
            error = caught
            await internal_error()(scope, receive, answer)
        finally:
            _tally.reset(token)
            route = scope.get("route")
            fields = {
                "request_id": request_id,
                "method": scope["method"],
                # The template, never the address: that may hold a secret.
                "route": route.path if route else None,
                "status": status,
                "ms": round((time.perf_counter() - began) * 1000),
                "statements": tally.statements,
            }
            level = logging.ERROR if status >= 500 else logging.INFO
            log.log(level, "request", exc_info=error, extra={"fields": fields})


def request_id_of(scope: Scope) -> str:
    """The client's, if it cannot break a log line; else a new one."""
    given = dict(scope["headers"]).get(b"x-request-id", b"").decode("latin-1")
    return given if USABLE_ID.fullmatch(given) else secrets.token_hex(16)


# --8<-- [end:show]
