"""Step 6: reads that cost no statement, and no surprise when Redis is away."""

import asyncio
import secrets
import socket
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from unittest.mock import AsyncMock, patch

import httpx

from blog.cache import POST, SHAPE, PostCache, redis_client
from blog.database import Database
from blog.posts import Post
from checks.harness import Blog, Claims, running_blog
from checks.people import writer
from checks.settings import REDIS_URL

TEXT = {"title": "Title", "body": "Text."}
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


async def check(claim: Claims) -> None:
    async with running_blog() as blog, writer(blog) as ada:
        await ada.post("/posts", json={**TEXT, "slug": "hot"})
        await counted(claim, blog, ada)
    await late(claim)
    await drafts(claim)
    for name, redis in (("gone", gone()), ("hanging", hanging())):
        async with (
            redis as url,
            running_blog(redis_url=url, redis_wait=0.05) as blog,
            writer(blog) as ada,
        ):
            await without_redis(claim, name, blog, ada)


@contextmanager
def database_uses() -> Iterator[AsyncMock]:
    """Counts how often anybody borrows a connection."""
    with patch.object(
        Database, "session", autospec=True, side_effect=Database.session
    ) as session:
        yield session


# --8<-- [start:show]
async def counted(claim: Claims, blog: Blog, ada: httpx.AsyncClient) -> None:
    async def read(times: int) -> tuple[str, int]:
        """Read so often at once; return the last title and the uses of the database."""
        with database_uses() as session:
            answers = await asyncio.gather(
                *(blog.client.get("/posts/hot") for _ in range(times))
            )
        return answers[-1].json()["title"], session.call_count

    claim("50 cold reads at once", await read(50), ("Title", 1))
    claim("50 more", await read(50), ("Title", 0))
    edit = {**TEXT, "title": "Edited"}
    await ada.put("/posts/hot", json=edit, headers={"If-Match": '"1"'})
    claim("read after an edit", await read(1), ("Edited", 1))
    claim("and again", await read(1), ("Edited", 0))
    gone = await ada.delete("/posts/hot", headers={"If-Match": '"2"'})
    after = await blog.client.get("/posts/hot")
    claim("DELETE, then GET", [gone.status_code, after.status_code], [204, 404])


# --8<-- [end:show]


async def late(claim: Claims) -> None:
    """A reader loads, is overtaken by a write, and stores what it has."""
    old = Post("hot", "Old", "Text.", 1, 1, "ada", NOON, NOON, NOON)
    new = replace(old, title="New", version=2)
    has_loaded, may_go_on = asyncio.Event(), asyncio.Event()

    async def slowly() -> Post:
        has_loaded.set()
        await may_go_on.wait()
        return old

    async with redis_client(REDIS_URL, 5) as redis:
        prefix = f"check-{secrets.token_hex(8)}"
        cache = PostCache(redis, prefix, 60)
        reading = asyncio.create_task(cache.get_or_load("hot", slowly))
        await has_loaded.wait()
        await cache.invalidate("hot")  # as an edit does
        may_go_on.set()
        claim("a slow reader gets and stores", (await reading).title, "Old")
        entry = await redis.get(f"{prefix}:{SHAPE}:hot")
        claim("  Redis holds", POST.validate_json(entry.partition(" ")[2]).title, "Old")
        seen = [
            await cache.get_or_load("hot", AsyncMock(return_value=new)) for _ in "123"
        ]
        claim("  the next three get", [each.title for each in seen], ["New"] * 3)
        claim("  hits, misses", [cache.counts.hits, cache.counts.misses], [2, 2])
        await redis.delete(f"{prefix}:mark:hot")  # as eviction would
        await cache.get_or_load("hot", AsyncMock(return_value=new))
        claim("  misses after its mark is evicted", cache.counts.misses, 3)
        remaining = await redis.ttl(f"{prefix}:{SHAPE}:hot")
        claim("  an entry expires within 60 s", 0 < remaining <= 60, True)


async def drafts(claim: Claims) -> None:
    prefix = f"check-{secrets.token_hex(8)}"
    async with running_blog(cache_prefix=prefix) as blog, writer(blog) as ada:
        await ada.post("/posts", json={**TEXT, "slug": "plan", "draft": True})
        statuses = [
            (await who.get("/posts/plan")).status_code
            for who in (ada, blog.client, ada, blog.client)
        ]
        claim("a draft for author, anyone, twice", statuses, [200, 404, 200, 404])
    async with redis_client(REDIS_URL, 5) as redis:
        entries = await redis.exists(f"{prefix}:{SHAPE}:plan")
        claim("  its copies in Redis", entries, 0)


async def without_redis(
    claim: Claims, name: str, blog: Blog, ada: httpx.AsyncClient
) -> None:
    created = await ada.post("/posts", json={**TEXT, "slug": "hot"})
    began = time.monotonic()
    statuses = {created.status_code}
    for version in (1, 2, 3):
        statuses.add((await blog.client.get("/posts/hot")).status_code)
        headers = {"If-Match": f'"{version}"'}
        edited = await ada.put("/posts/hot", json=TEXT, headers=headers)
        statuses.add(edited.status_code)
    claim(f"Redis {name}: statuses", statuses, {200, 201})
    # Three edits try to invalidate and a read or two ask: 50 ms each, if it hangs.
    claim("  six requests within 5 seconds", time.monotonic() - began < 5, True)


@asynccontextmanager
async def gone() -> AsyncIterator[str]:
    """An address where nobody listens."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))  # and no listen(): connecting is refused
        yield f"redis://127.0.0.1:{bound.getsockname()[1]}"


@asynccontextmanager
async def hanging() -> AsyncIterator[str]:
    """A server that takes connections and never says a word."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield f"redis://127.0.0.1:{listening.getsockname()[1]}"
