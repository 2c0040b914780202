"""Who sends the requests of a check."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx

from checks.harness import Blog, client_of


async def sign_up(blog: Blog, name: str) -> dict[str, str]:
    """Register, sign in, and return the tokens."""
    secret = {"name": name, "password": f"sample password of {name}"}
    registered = await blog.client.post("/users", json=secret)
    registered.raise_for_status()
    answer = await blog.client.post("/tokens", json=secret)
    return answer.raise_for_status().json()


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


@asynccontextmanager
async def writer(blog: Blog, name: str = "ada") -> AsyncIterator[httpx.AsyncClient]:
    """A client who is signed in."""
    headers = bearer((await sign_up(blog, name))["access_token"])
    async with client_of(blog.app, headers) as client:
        yield client
