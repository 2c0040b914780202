"""Step 8: it can be run, watched, stopped, and not guessed at."""

import asyncio
import json
import logging
import os
import re
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import uvicorn

from blog.__main__ import server_config
from blog.logs import JsonFormatter
from checks.harness import Blog, Claims, running_blog, until_waiting
from checks.people import bearer, sign_up, writer
from checks.settings import settings

TEXT = {"title": "Title", "body": "Text."}


async def check(claim: Claims) -> None:
    with access_log() as lines:
        async with running_blog() as blog, writer(blog, "ada") as ada:
            await traced(claim, blog, lines)
            await statements(claim, blog, ada, lines)
            await limited(claim, blog)
        async with running_blog() as blog:
            await stopped(claim, blog)


@contextmanager
def access_log() -> Iterator[list[str]]:
    """What would stand on standard output."""
    lines: list[str] = []

    class Lines(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(self.format(record))

    handler, logger = Lines(), logging.getLogger("blog.access")
    handler.setFormatter(JsonFormatter())
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    logger.propagate = False
    try:
        yield lines
    finally:
        logger.removeHandler(handler)


async def traced(claim: Claims, blog: Blog, lines: list[str]) -> None:
    async def defect() -> None:
        raise RuntimeError("out of luck")

    blog.app.add_api_route("/defect/{secret}", defect, include_in_schema=False)
    for given, kept in (("client-4711", True), ("x", False), ('", "level": "', False)):
        headers = {"X-Request-ID": given}
        answer = await blog.client.get("/defect/s3cret?token=s3cret", headers=headers)
        returned = answer.headers["X-Request-ID"]
        assert (returned == given) is kept
        line = json.loads(lines[-1])
        assert line["request_id"] == returned
    claim("a request id that could forge a line is kept", returned == given, False)
    claim("  is replaced by", re.sub("[0-9a-f]", "x", returned), "x" * 32)
    claim("logged", [line["route"], line["status"]], ["/defect/{secret}", 500])
    claim("  with its traceback", "out of luck" in line["error"], True)
    claim("  path or query values in the log", "s3cret" in "".join(lines), False)


# --8<-- [start:show]
async def statements(
    claim: Claims, blog: Blog, ada: httpx.AsyncClient, lines: list[str]
) -> None:
    """The access log says how many statements a request cost: no N+1 stays unseen."""
    for number in range(20):
        await ada.post("/posts", json={**TEXT, "slug": f"post-{number}"})
    claim("POST /posts: statements", spent(lines), 1)
    await blog.client.get("/posts?limit=20")
    claim("GET /posts, 20 posts with authors", spent(lines), 1)
    await blog.client.get("/posts/post-1")
    cold = spent(lines)
    await blog.client.get("/posts/post-1")
    claim("GET /posts/{slug}, cold and warm", [cold, spent(lines)], [1, 0])
    await ada.put("/posts/post-1", json=TEXT, headers={"If-Match": '"1"'})
    claim("PUT /posts/{slug}", spent(lines), 2)
    tokens = await sign_up(blog, "bob")
    claim("POST /tokens", spent(lines), 2)
    await blog.client.post(
        "/tokens/refresh", json={"refresh_token": tokens["refresh_token"]}
    )
    claim("POST /tokens/refresh, with BEGIN and COMMIT", spent(lines), 5)


def spent(lines: list[str]) -> int:
    return json.loads(lines[-1])["statements"]


# --8<-- [end:show]


async def limited(claim: Claims, blog: Blog) -> None:
    async def guess(name: str) -> httpx.Response:
        wrong = {"name": name, "password": "a guess of somebody"}
        return await blog.client.post("/tokens", json=wrong)

    statuses = [(await guess("eve")).status_code for _ in range(5)]
    claim("five wrong passwords", set(statuses), {401})
    sixth = await guess("eve")
    claim("the sixth", sixth.status_code, 429)
    wait = int(sixth.headers["Retry-After"])
    claim("  Retry-After is within a minute", 0 < wait <= 60, True)
    claim("another account", (await guess("kim")).status_code, 401)


async def stopped(claim: Claims, blog: Blog) -> None:
    """A real server on loopback gets SIGTERM while a request waits for a lock."""
    token = (await sign_up(blog, "ada"))["access_token"]
    config = server_config(blog.app, settings(database_url="postgresql://"))
    config.lifespan = "off"  # the harness has started it already
    listening = socket.create_server(("127.0.0.1", 0))
    address = listening.getsockname()
    before = signal.signal(signal.SIGTERM, signal.SIG_IGN)  # uvicorn sends it on
    try:
        serving = asyncio.create_task(uvicorn.Server(config).serve([listening]))
        async with httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{address[1]}", headers=bearer(token)
        ) as client:
            await client.post("/posts", json={**TEXT, "slug": "last"})
            async with blog.database.transaction():
                await blog.database.execute("LOCK TABLE posts IN EXCLUSIVE MODE")
                running = asyncio.create_task(
                    client.put("/posts/last", json=TEXT, headers={"If-Match": '"1"'})
                )
                await until_waiting(blog.database, "posts", 1)
                os.kill(os.getpid(), signal.SIGTERM)
                claim(
                    "after SIGTERM, a new connection is refused",
                    await refused(address),
                    True,
                )
                claim("  the running request is done", running.done(), False)
            answer = await running
        claim("its answer, once the lock is gone", answer.status_code, 200)
        await asyncio.wait_for(serving, 10)
        claim("the server has ended", serving.done(), True)
    finally:
        signal.signal(signal.SIGTERM, before)


async def refused(address: tuple[str, int]) -> bool:
    """Whether connecting fails, at once or soon."""
    for _ in range(500):
        try:
            _, writer = await asyncio.open_connection(*address)
        except OSError:
            return True
        writer.close()
        await asyncio.sleep(0.01)
    return False
