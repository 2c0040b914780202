"""Who sends the requests of a check: until step 4, anybody may write."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx

from checks.harness import Blog


@asynccontextmanager
async def writer(blog: Blog) -> AsyncIterator[httpx.AsyncClient]:
    yield blog.client
