"""Posts as PostgreSQL keeps them."""

from dataclasses import dataclass
from datetime import datetime

import asyncpg

from blog.database import Database

COLUMNS = "slug, title, body, version, created_at, updated_at"


class SlugTakenError(Exception):
    """Another post has this address."""


@dataclass(frozen=True)
class Post:
    slug: str
    title: str
    body: str
    version: int
    created_at: datetime
    updated_at: datetime


class PostStore:
    def __init__(self, database: Database) -> None:
        self._database = database

    # --8<-- [start:show]
    async def add(self, slug: str, title: str, body: str) -> Post:
        """Let the constraint decide: looking first would leave a gap."""
        try:
            row = await self._database.row(
                f"INSERT INTO posts (slug, title, body) VALUES ($1, $2, $3) "
                f"RETURNING {COLUMNS}",
                slug,
                title,
                body,
            )
        except asyncpg.UniqueViolationError as error:
            if error.constraint_name != "posts_slug_unique":
                raise
            raise SlugTakenError from error
        return Post(**row)

    async def find(self, slug: str) -> Post | None:
        if "\0" in slug:  # a path may hold it, PostgreSQL's text cannot
            return None
        row = await self._database.row(
            f"SELECT {COLUMNS} FROM posts WHERE slug = $1", slug
        )
        return Post(**row) if row else None

    async def replace(self, post: Post, title: str, body: str) -> Post | None:
        """Write only over the version that `post` is; None if it is there no more."""
        row = await self._database.row(
            f"UPDATE posts SET title = $3, body = $4, version = version + 1, "
            f"updated_at = now() WHERE slug = $1 AND version = $2 RETURNING {COLUMNS}",
            post.slug,
            post.version,
            title,
            body,
        )
        return Post(**row) if row else None

    # --8<-- [end:show]

    async def remove(self, post: Post) -> bool:
        row = await self._database.row(
            "DELETE FROM posts WHERE slug = $1 AND version = $2 RETURNING id",
            post.slug,
            post.version,
        )
        return row is not None

    async def newest(self, limit: int) -> list[Post]:
        rows = await self._database.rows(
            f"SELECT {COLUMNS} FROM posts ORDER BY created_at DESC, id DESC LIMIT $1",
            limit,
        )
        return [Post(**row) for row in rows]
