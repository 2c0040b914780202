"""A pool of connections, with a limit on every wait."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Self

import asyncpg

from blog.problems import ProblemError

STATEMENT_SECONDS = 3
AWAY = (
    TimeoutError,
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.TooManyConnectionsError,
)
"""Why a connection cannot be had; none of these says that the request was wrong."""


# --8<-- [start:show]
class Database:
    def __init__(self, url: str, size: int, wait: float) -> None:
        self._url, self._size, self._wait = url, size, wait

    async def __aenter__(self) -> Self:
        self._pool = await asyncpg.create_pool(
            self._url,
            min_size=1,
            max_size=self._size,
            timeout=5,  # to connect
            command_timeout=STATEMENT_SECONDS + 1,  # for a server that is gone
            server_settings={
                "statement_timeout": f"{STATEMENT_SECONDS}s",
                "idle_in_transaction_session_timeout": "10s",
            },
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._pool.close()  # waits for borrowed connections

    @asynccontextmanager
    async def session(self) -> AsyncIterator[asyncpg.Connection]:
        try:
            connection = await self._pool.acquire(timeout=self._wait)
        except AWAY as error:
            raise unavailable() from error
        try:
            yield connection
        finally:
            await self._pool.release(connection)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[asyncpg.Connection]:
        """Commit what the block did, or nothing of it."""
        async with self.session() as connection, connection.transaction():
            yield connection

    # --8<-- [end:show]

    async def rows(self, sql: str, *values: Any) -> list[asyncpg.Record]:
        async with self.session() as connection:
            return await connection.fetch(sql, *values)

    async def row(self, sql: str, *values: Any) -> asyncpg.Record | None:
        async with self.session() as connection:
            return await connection.fetchrow(sql, *values)


def unavailable() -> ProblemError:
    return ProblemError(
        503, "busy", "Try again in a second", headers={"Retry-After": "1"}
    )
