"""Posts as PostgreSQL keeps them."""

from dataclasses import dataclass, fields
from datetime import datetime

import asyncpg

from blog.cursors import Position
from blog.database import Database

COLUMNS = (
    "p.slug, p.title, p.body, p.version, p.author_id, u.name AS author, "
    "p.published_at, p.created_at, p.updated_at"
)
# What somebody may see. Every query that reads posts for a user contains it.
VISIBLE = "(p.published_at IS NOT NULL OR p.author_id = $1)"


class SlugTakenError(Exception):
    """Another post has this address."""


@dataclass(frozen=True)
class Post:
    slug: str
    title: str
    body: str
    version: int
    author_id: int | None
    author: str | None
    published_at: datetime | None
    created_at: datetime
    updated_at: datetime


FIELDS = [each.name for each in fields(Post)]


@dataclass(frozen=True)
class Content:
    """What an author writes."""

    title: str
    body: str
    draft: bool


# --8<-- [start:sql]
def page_sql(only: str = "") -> str:
    return (
        f"SELECT {COLUMNS}, p.id FROM posts p LEFT JOIN users u ON u.id = p.author_id "
        "WHERE p.published_at IS NOT NULL AND (p.published_at, p.id) < ($2, $3) "
        f"{only} ORDER BY p.published_at DESC, p.id DESC LIMIT $1"
    )


# --8<-- [end:sql]


class PostStore:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, slug: str, content: Content, author_id: int) -> Post:
        """Let the constraint decide: looking first would leave a gap."""
        try:
            row = await self._database.row(
                "WITH p AS (INSERT INTO posts (slug, title, body, published_at, "
                "author_id) VALUES ($1, $2, $3, CASE WHEN NOT $4 THEN now() END, $5) "
                f"RETURNING *) SELECT {COLUMNS} FROM p JOIN users u "
                "ON u.id = p.author_id",
                slug,
                content.title,
                content.body,
                content.draft,
                author_id,
            )
        except asyncpg.UniqueViolationError as error:
            if error.constraint_name != "posts_slug_unique":
                raise
            raise SlugTakenError from error
        return Post(**row)

    async def find(self, slug: str, viewer_id: int | None) -> Post | None:
        """The post if it is there for this viewer; None says no more than that."""
        if "\0" in slug:  # a path may hold it, PostgreSQL's text cannot
            return None
        row = await self._database.row(
            f"SELECT {COLUMNS} FROM posts p LEFT JOIN users u ON u.id = p.author_id "
            f"WHERE {VISIBLE} AND p.slug = $2",
            viewer_id,
            slug,
        )
        return Post(**row) if row else None

    async def replace(
        self, post: Post, content: Content, author_id: int
    ) -> Post | None:
        """Write over the version that `post` is, if it is still there and theirs."""
        row = await self._database.row(
            "WITH p AS (UPDATE posts SET title = $4, body = $5, published_at = CASE "
            "WHEN $6 THEN NULL ELSE coalesce(published_at, now()) END, "
            "version = version + 1, updated_at = now() "
            "WHERE slug = $1 AND version = $2 AND author_id = $3 RETURNING *) "
            f"SELECT {COLUMNS} FROM p JOIN users u ON u.id = p.author_id",
            post.slug,
            post.version,
            author_id,
            content.title,
            content.body,
            content.draft,
        )
        return Post(**row) if row else None

    async def remove(self, post: Post, author_id: int) -> bool:
        row = await self._database.row(
            "DELETE FROM posts WHERE slug = $1 AND version = $2 AND author_id = $3 "
            "RETURNING id",
            post.slug,
            post.version,
            author_id,
        )
        return row is not None

    # --8<-- [start:show]
    async def page(
        self, limit: int, after: Position, author: str | None
    ) -> tuple[list[Post], Position | None]:
        """Published posts behind `after`, newest first, and where the next begin."""
        # One row more than asked for tells whether there is a next page.
        values: list[object] = [limit + 1, after.published_at, after.id]
        only = ""
        if author is not None:
            values.append(author)
            only = "AND p.author_id = (SELECT id FROM users WHERE name = $4)"
        rows = await self._database.rows(page_sql(only), *values)
        posts = [Post(**{name: row[name] for name in FIELDS}) for row in rows]
        if len(rows) <= limit:
            return posts, None
        last = rows[limit - 1]
        return posts[:limit], Position(last["published_at"], last["id"])

    # --8<-- [end:show]
