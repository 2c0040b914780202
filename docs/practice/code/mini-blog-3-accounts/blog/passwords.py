"""Passwords as Argon2id hashes."""

import asyncio
import secrets
import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

AT_ONCE = 4
"""Each takes its memory (19 MiB): this many at once, the rest queues."""


# --8<-- [start:show]
class Passwords:
    def __init__(self, kib: int, passes: int) -> None:
        self._hasher = PasswordHasher(time_cost=passes, memory_cost=kib, parallelism=1)
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._nobodys = self._hasher.hash(secrets.token_urlsafe())

    async def hash(self, password: str) -> str:
        async with self._slots:  # in a thread: the event loop must not stand still
            return await asyncio.to_thread(self._hasher.hash, normal(password))

    async def is_right(self, password: str, stored: str | None) -> bool:
        """Take the same work for a user who does not exist."""
        async with self._slots:
            right = await asyncio.to_thread(
                self._verify, stored or self._nobodys, normal(password)
            )
        return right and stored is not None

    def _verify(self, stored: str, password: str) -> bool:
        try:
            return self._hasher.verify(stored, password)
        except (VerificationError, InvalidHashError):
            return False


# --8<-- [end:show]


def normal(password: str) -> str:
    """One form for what two keyboards may encode differently."""
    return unicodedata.normalize("NFC", password)
