"""Step 2: posts are stored, refused, replaced, and never overwritten unseen."""

import asyncio
from pathlib import Path
from tempfile import TemporaryDirectory

import asyncpg
import httpx

from blog.migrate import ChangedMigrationError, migrate
from checks.harness import (
    Blog,
    Claims,
    at_once,
    connection,
    empty_schema,
    running_blog,
    until_waiting,
)
from checks.people import writer

HELLO = {"slug": "hello", "title": "Hello", "body": "First post."}
EDIT = {"title": "Hello again", "body": "Edited."}


async def check(claim: Claims) -> None:
    async with running_blog() as blog, writer(blog) as client:
        await created(claim, client)
        await refused(claim, client)
        await replaced(claim, blog, client)
    async with running_blog(pool_size=1, pool_wait=0.05) as blog:
        # The only connection is busy: it waits for a lock that this check holds.
        async with blog.database.transaction():
            await blog.database.execute("LOCK TABLE posts IN ACCESS EXCLUSIVE MODE")
            reading = asyncio.create_task(blog.client.get("/posts"))
            await until_waiting(blog.database, "posts", 1)
            busy = await blog.client.get("/health/ready")
        claim("GET /health/ready, pool exhausted", busy.status_code, 503)
        claim("  Retry-After", busy.headers["Retry-After"], "1")
        claim("  the one who held it", (await reading).status_code, 200)
    await migrations(claim)


async def created(claim: Claims, client: httpx.AsyncClient) -> None:
    answer = await client.post("/posts", json=HELLO)
    claim("POST /posts", answer.status_code, 201)
    claim("  Location", answer.headers["Location"], "/posts/hello")
    claim("  ETag", answer.headers["ETag"], '"1"')
    again = await client.post("/posts", json=HELLO)
    claim("the same slug again", again.status_code, 409)
    claim("  type", again.json()["type"].rpartition("/")[2], "slug-taken")


async def refused(claim: Claims, client: httpx.AsyncClient) -> None:
    bad = await client.post("/posts", json={"slug": "A b", "title": " ", "role": "x"})
    places = [each["pointer"] for each in bad.json()["errors"]]
    claim("four mistakes in one body", bad.status_code, 422)
    claim("  their places", " ".join(sorted(places)), "#/body #/role #/slug #/title")
    headers = {"Content-Type": "application/json"}
    for what, body, status in [
        ("half of a JSON document", '{"slug": "x"', 400),
        ("a zero byte", '{"slug": "x", "title": "a\\u0000", "body": "b"}', 422),
        (
            "half a surrogate pair",
            '{"slug": "x", "title": "\\ud800", "body": "b"}',
            422,
        ),
    ]:
        answer = await client.post("/posts", content=body, headers=headers)
        claim(what, answer.status_code, status)
    in_path = await client.get("/posts/%00")
    claim("a zero byte in the path", in_path.status_code, 404)


# --8<-- [start:show]
async def replaced(claim: Claims, blog: Blog, client: httpx.AsyncClient) -> None:
    known = await client.get("/posts/hello", headers={"If-None-Match": '"1"'})
    claim(
        'GET, If-None-Match: "1"', f"{known.status_code} {known.content!r}", "304 b''"
    )

    async def put(if_match: str | None) -> int:
        headers = {"If-Match": if_match} if if_match else {}
        answer = await client.put("/posts/hello", json=EDIT, headers=headers)
        return answer.status_code

    claim("PUT without If-Match", await put(None), 428)
    claim('PUT, If-Match: "1"', await put('"1"'), 200)
    claim('PUT, If-Match: "1" once more', await put('"1"'), 412)
    both = await at_once(blog.database, "posts", put('"2"'), put('"2"'))
    claim('two at once, both If-Match: "2"', sorted(both), [200, 412])
    old = await client.delete("/posts/hello", headers={"If-Match": '"2"'})
    gone = await client.delete("/posts/hello", headers={"If-Match": '"3"'})
    after = await client.get("/posts/hello")
    claim('DELETE, If-Match: "2"', old.status_code, 412)
    claim(
        'DELETE, If-Match: "3", then GET',
        [gone.status_code, after.status_code],
        [204, 404],
    )


# --8<-- [end:show]


async def migrations(claim: Claims) -> None:
    async with empty_schema() as url, connection(url) as database:
        with TemporaryDirectory() as folder:
            one, two = Path(folder, "001.sql"), Path(folder, "002.sql")
            one.write_text("CREATE TABLE things (id int)", "utf-8")
            runs = await asyncio.gather(migrate(url, [one]), migrate(url, [one]))
            claim("two deployments migrate at once", sorted(runs), [[], ["001.sql"]])
            two.write_text("CREATE TABLE half (id int); SELECT 1 / 0", "utf-8")
            said = await attempt(url, [one, two])
            claim("a migration fails half-way", said, "DivisionByZeroError")
            half = await database.fetchval("SELECT to_regclass('half')")
            claim("  its first half stays", half is not None, False)
            one.write_text("CREATE TABLE things (id bigint)", "utf-8")
            said = await attempt(url, [one])
            claim("an applied migration is edited", said, "ChangedMigrationError")


async def attempt(url: str, files: list[Path]) -> str:
    try:
        await migrate(url, files)
        return "applied"
    except (ChangedMigrationError, asyncpg.PostgresError) as error:
        return type(error).__name__
