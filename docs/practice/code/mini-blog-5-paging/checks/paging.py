"""Step 5: pages that neither repeat nor skip while the blog is written to."""

import base64
import json
from datetime import UTC, datetime

import asyncpg
import httpx

from blog.cursors import Cursors, Position
from blog.posts import page_sql
from checks.harness import Blog, Claims, running_blog

# Posts 7, 8 and 9 share a microsecond: the first page ends among them.
TWELVE = """
    INSERT INTO posts (slug, title, body, author_id, published_at)
    SELECT 'post-' || n, 'Title', 'Text.', CASE WHEN n % 2 = 0 THEN $1::bigint END,
           timestamptz '2026-11-20 10:00:00.000123Z'
           + CASE WHEN n IN (7, 8, 9) THEN 8 ELSE n END * interval '1 second'
    FROM generate_series(1, 12) AS n
"""
NEW = """
    INSERT INTO posts (slug, title, body, published_at)
    VALUES ('new', 'New', 'Text.', '2026-11-20 11:00:00Z')
"""


async def check(claim: Claims) -> None:
    async with running_blog() as blog:
        ada = await blog.database.fetchval(
            "INSERT INTO users (name, password_hash) VALUES ('ada', '-') RETURNING id"
        )
        await blog.database.execute(TWELVE, ada)
        await walk(claim, blog)
        await filtered(claim, blog)
        await refused(claim, blog)
        await deep(claim, blog.database)


def numbers(answer: httpx.Response) -> list[int]:
    return [int(each["slug"].removeprefix("post-")) for each in answer.json()["items"]]


# --8<-- [start:show]
async def walk(claim: Claims, blog: Blog) -> None:
    """Follow the links while a post comes in and another goes."""
    pages, url = [], "/posts?limit=5"
    while url:
        answer = await blog.client.get(url)
        pages.append(numbers(answer))
        claim(f"page {len(pages)}", pages[-1], PAGES[len(pages) - 1])
        url = answer.links.get("next", {}).get("url")
        if len(pages) == 1:
            await blog.database.execute(NEW)
            by_offset = await blog.database.fetch(
                "SELECT slug FROM posts "
                "ORDER BY published_at DESC, id DESC LIMIT 5 OFFSET 5"
            )
            repeated = "post-8" in [row["slug"] for row in by_offset]
            claim("  a new post; OFFSET 5 would repeat 8", repeated, True)
        if len(pages) == 2:
            await blog.database.execute("DELETE FROM posts WHERE slug = 'post-3'")


PAGES = [[12, 11, 10, 9, 8], [7, 6, 5, 4, 3], [2, 1]]
# --8<-- [end:show]


async def filtered(claim: Claims, blog: Blog) -> None:
    first = await blog.client.get("/posts?author=ada&limit=4")
    second = await blog.client.get(first.links["next"]["url"])
    claim("author=ada", numbers(first) + numbers(second), [12, 10, 8, 6, 4, 2])
    claim("  next after the last", second.json()["next"], None)


async def refused(claim: Claims, blog: Blog) -> None:
    async def status(**query: str) -> int:
        return (await blog.client.get("/posts", params=query)).status_code

    cursor = (await blog.client.get("/posts?limit=5")).json()["next"]
    sealed = base64.urlsafe_b64decode(cursor)
    changed = [
        sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :]
        for at in range(len(sealed))
    ]
    encoded = [base64.urlsafe_b64encode(each).decode() for each in changed]
    statuses = {await status(cursor=each) for each in (*encoded, "x", "%%%%", "0000")}
    claim("any byte of the cursor changed", statuses, {400})
    claim("with author=ada", await status(cursor=cursor, author="ada"), 400)
    claim("with limit=50", await status(cursor=cursor, limit="50"), 200)
    foreign = Cursors(b"another key").encode(Position.before_all(), None)
    claim("sealed with another key", await status(cursor=foreign), 400)
    both = [await status(limit="0"), await status(limit="101")]
    claim("limit=0, limit=101", both, [422, 422])


async def deep(claim: Claims, database: asyncpg.Connection) -> None:
    """What PostgreSQL reads for page 500 of 10,000 posts."""
    await database.execute(
        "INSERT INTO posts (slug, title, body, published_at) "
        "SELECT 'old-' || n, 'Old', 'Text.', timestamptz '2026-01-01Z' "
        "- n * interval '1 minute' FROM generate_series(1, 10000) AS n"
    )
    await database.execute("ANALYZE posts")
    after = datetime(2025, 12, 25, 4, tzinfo=UTC)
    for name, sql, values in [
        ("by cursor", page_sql(), (21, after, 0)),
        ("by OFFSET", OFFSET, (21, 9980)),
    ]:
        explain = f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}"
        (plan,) = json.loads(await database.fetchval(explain, *values))
        read = max(rows_of_posts(plan["Plan"]))
        expected = 21 if name == "by cursor" else 10_001
        claim(f"rows read for a page far down, {name}", read, expected)


OFFSET = (
    "SELECT slug FROM posts WHERE published_at IS NOT NULL "
    "ORDER BY published_at DESC, id DESC LIMIT $1 OFFSET $2"
)


def rows_of_posts(node: dict) -> list[int]:
    own = [int(node["Actual Rows"])] if node.get("Relation Name") == "posts" else []
    return own + [
        rows for each in node.get("Plans", []) for rows in rows_of_posts(each)
    ]
