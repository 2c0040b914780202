"""Guessing passwords is slow: so many attempts a minute, counted in Redis."""

import hashlib
import logging

from redis.asyncio import Redis

from blog.cache import AWAY

PER_ACCOUNT = 5
PER_ADDRESS = 50
WINDOW_SECONDS = 60
log = logging.getLogger(__name__)


class SignInLimit:
    def __init__(self, redis: Redis, prefix: str) -> None:
        self._redis, self._prefix = redis, prefix

    # --8<-- [start:show]
    async def seconds_to_wait(self, name: str, address: str) -> int:
        """Count an attempt; 0 if it may go on.

        An account is counted together with the address, so that a stranger cannot
        lock its owner out.
        """
        limits = {
            self._key(name, address): PER_ACCOUNT,
            self._key("", address): PER_ADDRESS,
        }
        try:
            async with self._redis.pipeline(transaction=True) as pipeline:
                for key in limits:
                    # The window begins with its first attempt. Both or neither: a
                    # counter without an expiry would lock out for good.
                    pipeline.set(key, 0, ex=WINDOW_SECONDS, nx=True)
                    pipeline.incr(key)
                    pipeline.ttl(key)
                replies = await pipeline.execute()
        except AWAY:
            # Signing in goes on; the queue in front of Argon2 still bounds the work.
            log.warning("sign-in limit: Redis is away")
            return 0
        counts, waits = replies[1::3], replies[2::3]
        over = [
            max(wait, 1)
            for count, wait, limit in zip(counts, waits, limits.values(), strict=True)
            if count > limit
        ]
        return max(over, default=0)

    # --8<-- [end:show]

    def _key(self, name: str, address: str) -> str:
        """Of a fixed length, whatever was typed; names do not end up in Redis."""
        digest = hashlib.sha256(f"{address} {name}".encode()).hexdigest()[:32]
        return f"{self._prefix}:sign-in:{digest}"
