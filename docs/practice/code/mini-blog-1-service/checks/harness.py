"""Runs the checks: the service in this process, its requests without a network."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import httpx
from fastapi import FastAPI

from blog.app import create_app
from blog.settings import Settings


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
    """A running service; `client` sends it requests."""

    app: FastAPI
    client: httpx.AsyncClient


def settings(**changes: Any) -> Settings:
    return Settings.model_validate({"stage": "development", **changes})


@asynccontextmanager
async def running_blog(**changes: Any) -> AsyncIterator[Blog]:
    """Start and stop the service, with some settings changed."""
    app = create_app(settings(**changes))
    # A defect shall arrive as the 500 that a client would see.
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://blog.test") as client,
    ):
        yield Blog(app, client)


def run(*steps: ModuleType) -> None:
    """Check all steps; print the claims of the last one."""
    asyncio.run(_run(steps))


async def _run(steps: tuple[ModuleType, ...]) -> None:
    for step in steps:
        claims = Claims(quiet=step is not steps[-1])
        async with asyncio.timeout(30):
            await step.check(claims)
        if claims.quiet:
            name = step.__name__.removeprefix("checks.")
            print(f"{claims.count:>2} claims of {name} hold")
