"""Runs the checks: the service in this process, on a real database."""

import asyncio
import os
import secrets
from collections.abc import AsyncIterator, Awaitable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from types import ModuleType
from typing import Any, TypeVar

import asyncpg
import httpx
from fastapi import FastAPI

from blog.app import create_app
from blog.migrate import migrate
from checks.settings import settings

# Without it the variables of libpq say where the database is: PGHOST and so on.
DATABASE_URL = os.environ.get("DATABASE_URL", "postgresql://")

TRAFFIC: list[httpx.Response] = []
"""Every answer that any check got, for the check of the contract."""

Answer = TypeVar("Answer")


class Claims:
    """Compares what is claimed with what is observed, and prints it unless quiet."""

    def __init__(self, *, quiet: bool) -> None:
        self.quiet, self.count = quiet, 0

    def __call__(self, claim: str, observed: object, expected: object) -> None:
        if observed != expected:
            raise AssertionError(f"{claim}: {observed!r}, expected {expected!r}")
        self.count += 1
        if not self.quiet:
            print(f"{claim:<50}{observed}")


@dataclass(frozen=True)
class Blog:
    """A running service; `client` sends it requests, `database` is its own."""

    app: FastAPI
    client: httpx.AsyncClient
    database: asyncpg.Connection


@asynccontextmanager
async def running_blog(**changes: Any) -> AsyncIterator[Blog]:
    """Start and stop the service, with some settings changed."""
    async with empty_schema() as url, connection(url) as database:
        await migrate(url)
        app = create_app(settings(database_url=url, **changes))
        async with app.router.lifespan_context(app), client_of(app) as client:
            yield Blog(app, client, database)


def client_of(
    app: FastAPI, headers: Mapping[str, str] | None = None
) -> httpx.AsyncClient:
    # A defect shall arrive as the 500 that a client would see.
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    return httpx.AsyncClient(
        transport=transport,
        base_url="http://blog.test",
        headers=headers,
        event_hooks={"response": [record]},
    )


async def record(response: httpx.Response) -> None:
    await response.aread()
    TRAFFIC.append(response)


# --8<-- [start:show]
@asynccontextmanager
async def empty_schema() -> AsyncIterator[str]:
    """A schema for one check, dropped after it: no other table is ever touched."""
    name = f"check_{secrets.token_hex(8)}"
    more = "&" if "?" in DATABASE_URL else "?"
    async with connection(DATABASE_URL) as database:
        await database.execute(f"CREATE SCHEMA {name}")
        try:
            yield f"{DATABASE_URL}{more}search_path={name}"
        finally:
            await database.execute("SET client_min_messages = warning")
            await database.execute(f"DROP SCHEMA {name} CASCADE")


# --8<-- [end:show]


@asynccontextmanager
async def connection(url: str) -> AsyncIterator[asyncpg.Connection]:
    connected = await asyncpg.connect(url, timeout=5, command_timeout=5)
    try:
        yield connected
    finally:
        await connected.close(timeout=5)


async def at_once(
    database: asyncpg.Connection, table: str, *requests: Awaitable[Answer]
) -> list[Answer]:
    """Let all requests come as far as the table before one may change it."""
    async with database.transaction():
        await database.execute(f"LOCK TABLE {table} IN EXCLUSIVE MODE")
        tasks = [asyncio.ensure_future(each) for each in requests]
        await until_waiting(database, table, len(tasks))
    return await asyncio.gather(*tasks)


async def until_waiting(database: asyncpg.Connection, table: str, count: int) -> None:
    waiting = (
        "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = to_regclass($1)"
    )
    while await database.fetchval(waiting, table) < count:
        await asyncio.sleep(0.01)


def run(*steps: ModuleType, shown: ModuleType | None = None) -> None:
    """Check all steps; print the claims of one, which is the last unless named."""
    asyncio.run(_run(steps, shown or steps[-1]))


async def _run(steps: tuple[ModuleType, ...], shown: ModuleType) -> None:
    for step in steps:
        claims = Claims(quiet=step is not shown)
        async with asyncio.timeout(30):
            await step.check(claims)
        if claims.quiet:
            name = step.__name__.removeprefix("checks.")
            print(f"{claims.count:>2} claims of {name} hold")
