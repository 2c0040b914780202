"""Users and their sessions as PostgreSQL keeps them."""

import hashlib
import secrets
from dataclasses import dataclass, field

import asyncpg

from blog.database import Database

SESSION_LIFETIME = "30 days"


class NameTakenError(Exception):
    """Another user has this name."""


class InvalidRefreshError(Exception):
    """Unknown, expired, or used before; then its session has ended."""


@dataclass(frozen=True)
class User:
    id: int
    name: str
    password_hash: str = field(repr=False)


class AccountStore:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, name: str, password_hash: str) -> User:
        try:
            row = await self._database.row(
                "INSERT INTO users (name, password_hash) VALUES ($1, $2) "
                "RETURNING id, name, password_hash",
                name,
                password_hash,
            )
        except asyncpg.UniqueViolationError as error:
            raise NameTakenError from error
        return User(**row)

    async def named(self, name: str) -> User | None:
        row = await self._database.row(
            "SELECT id, name, password_hash FROM users WHERE name = $1", name
        )
        return User(**row) if row else None

    async def with_id(self, user_id: int) -> User | None:
        row = await self._database.row(
            "SELECT id, name, password_hash FROM users WHERE id = $1", user_id
        )
        return User(**row) if row else None

    # --8<-- [start:show]
    async def open_session(self, user_id: int) -> str:
        """Begin a session; return its first refresh token."""
        token = new_token()
        await self._database.row(
            "WITH session AS (INSERT INTO sessions (user_id, expires_at) "
            f"VALUES ($1, now() + interval '{SESSION_LIFETIME}') RETURNING id) "
            "INSERT INTO refresh_tokens (digest, session_id) "
            "SELECT $2, id FROM session",
            user_id,
            digest(token),
        )
        return token

    async def rotate(self, token: str) -> tuple[int, str]:
        """Trade a token for its successor, once; return whose session it is."""
        old, successor = digest(token), new_token()
        async with self._database.transaction() as connection:
            # The session's row is locked first: its tokens take turns.
            session = await connection.fetchrow(
                "SELECT id, user_id, expires_at > now() AS is_open FROM sessions WHERE "
                "id = (SELECT session_id FROM refresh_tokens WHERE digest = $1) "
                "FOR UPDATE",
                old,
            )
            if session is None:
                raise InvalidRefreshError
            first_use = await connection.fetchval(
                "UPDATE refresh_tokens SET used_at = now() "
                "WHERE digest = $1 AND used_at IS NULL RETURNING true",
                old,
            )
            if first_use and session["is_open"]:
                await connection.execute(
                    "INSERT INTO refresh_tokens (digest, session_id) VALUES ($1, $2)",
                    digest(successor),
                    session["id"],
                )
                return session["user_id"], successor
            # Used before: a thief has it, or had it. Nobody keeps this session.
            await connection.execute(
                "DELETE FROM sessions WHERE id = $1", session["id"]
            )
        raise InvalidRefreshError  # out here: the deletion must be committed

    # --8<-- [end:show]


def new_token() -> str:
    return secrets.token_urlsafe(32)


def digest(token: str) -> bytes:
    """Plain SHA-256 will do: 256 random bits cannot be guessed."""
    return hashlib.sha256(token.encode()).digest()
