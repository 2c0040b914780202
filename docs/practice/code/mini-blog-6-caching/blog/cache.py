"""Published posts, kept in Redis for a while: cache-aside, and never in the way."""

import asyncio
import hashlib
import logging
import random
import secrets
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from pydantic import TypeAdapter
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from blog.posts import FIELDS, Post

AWAY = (RedisError, OSError, TimeoutError)
POST = TypeAdapter(Post)
# Two releases that run side by side share marks, but no entries of another shape.
SHAPE = "post-" + hashlib.sha256(" ".join(FIELDS).encode()).hexdigest()[:8]
PAUSE_SECONDS = 1.0
log = logging.getLogger(__name__)


@dataclass
class Counts:
    hits: int = 0
    misses: int = 0
    shared: int = 0
    failures: int = 0


class PostCache:
    """Entries count only with the mark that stands beside them.

    A write replaces the mark, which voids every copy, also one that a slow reader
    stores later. Marks are random: a counter that is evicted would begin again, and
    revive old entries.
    """

    def __init__(self, redis: Redis, prefix: str, seconds: int) -> None:
        self._redis, self._prefix, self._seconds = redis, prefix, seconds
        self._loading: dict[str, asyncio.Task[Post | None]] = {}
        self._away_until = 0.0
        self.counts = Counts()

    # --8<-- [start:show]
    async def get_or_load(
        self, slug: str, load: Callable[[], Awaitable[Post | None]]
    ) -> Post | None:
        """The cached post, or what `load` finds: once for all who ask meanwhile."""
        task = self._loading.get(slug)
        if task is None:
            task = asyncio.create_task(self._get_or_load(slug, load))
            self._loading[slug] = task
            task.add_done_callback(lambda done: self._forget(slug, done))
        else:
            self.counts.shared += 1
        # One caller who goes away shall not take the answer from the others.
        return await asyncio.shield(task)

    async def _get_or_load(
        self, slug: str, load: Callable[[], Awaitable[Post | None]]
    ) -> Post | None:
        mark, cached = await self._read(slug)
        if cached is not None:
            self.counts.hits += 1
            return cached
        self.counts.misses += 1
        post = await load()
        if mark is not None and post is not None:
            await self._store(slug, mark, post)
        return post

    async def invalidate(self, slug: str) -> None:
        """After the commit: whoever read before it can store only under an old mark."""
        mark, lifetime = secrets.token_hex(8), 2 * self._seconds
        try:
            # Tried even in a pause: this write is the one that must not be missed.
            await self._redis.set(self._key("mark", slug), mark, ex=lifetime)
        except AWAY:
            # Copies may be stale now, until they expire.
            self._failed("invalidate")
        finally:
            # Who comes from now on joins no load that began under the old mark.
            self._loading.pop(slug, None)

    # --8<-- [end:show]

    async def _read(self, slug: str) -> tuple[str | None, Post | None]:
        """The mark that holds now, and the entry if it counts; one round trip."""
        if time.monotonic() < self._away_until:
            return None, None
        new_mark, lifetime = secrets.token_hex(8), 2 * self._seconds
        try:
            async with self._redis.pipeline(transaction=False) as pipeline:
                pipeline.set(self._key("mark", slug), new_mark, ex=lifetime, nx=True)
                pipeline.get(self._key("mark", slug))
                pipeline.get(self._key(SHAPE, slug))
                _, mark, entry = await pipeline.execute()
        except AWAY:
            self._failed("read")
            return None, None
        if mark is None or entry is None:
            return mark, None
        own_mark, _, json = entry.partition(" ")
        return mark, POST.validate_json(json) if own_mark == mark else None

    async def _store(self, slug: str, mark: str, post: Post) -> None:
        entry = f"{mark} {POST.dump_json(post).decode()}"
        # Entries made together shall not expire together.
        lifetime = round(self._seconds * random.uniform(0.8, 1))
        try:
            await self._redis.set(self._key(SHAPE, slug), entry, ex=lifetime)
        except AWAY:
            self._failed("store")

    def _forget(self, slug: str, done: asyncio.Task[Post | None]) -> None:
        if self._loading.get(slug) is done:
            del self._loading[slug]

    def _failed(self, what: str) -> None:
        """Ask Redis again in a while, so that requests do not queue at its timeout."""
        self.counts.failures += 1
        self._away_until = time.monotonic() + PAUSE_SECONDS
        log.info("cache: %s failed", what)

    def _key(self, kind: str, slug: str) -> str:
        return f"{self._prefix}:{kind}:{slug}"


def redis_client(url: str, wait: float) -> Redis:
    """A cache that is slow is no cache: little time, and no second try."""
    return Redis.from_url(
        url,
        decode_responses=True,
        socket_timeout=wait,
        socket_connect_timeout=wait,
        retry=Retry(NoBackoff(), 0),
    )
