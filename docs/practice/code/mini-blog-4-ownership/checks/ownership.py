"""Step 4: who may do what, tried by everybody on everything."""

import httpx

from checks.harness import Blog, Claims, running_blog
from checks.people import writer

TEXT = {"title": "Title", "body": "Text."}
PUBLIC = {
    ("GET", "/health/live"),
    ("GET", "/health/ready"),
    ("POST", "/users"),
    ("POST", "/tokens"),
    ("POST", "/tokens/refresh"),
    ("GET", "/posts"),
    ("GET", "/posts/{slug}"),
}


async def check(claim: Claims) -> None:
    async with (
        running_blog() as blog,
        writer(blog, "ada") as ada,
        writer(blog, "bob") as bob,
    ):
        await matrix(claim, blog, ada, bob)
        await drafts(claim, blog, ada, bob)
        await guarded(claim, blog)


# --8<-- [start:show]
async def matrix(
    claim: Claims, blog: Blog, ada: httpx.AsyncClient, bob: httpx.AsyncClient
) -> None:
    """Each row on fresh posts of Ada, so that no attempt disturbs the next."""
    claim("status for", "anyone bob ada", "anyone bob ada")
    for number, (method, kind, expected) in enumerate(
        [
            ("GET", "published", "200 200 200"),
            ("GET", "draft", "404 404 200"),
            ("PUT", "published", "401 403 200"),
            ("PUT", "draft", "401 404 200"),
            ("DELETE", "published", "401 403 204"),
            ("DELETE", "draft", "401 404 204"),
        ]
    ):
        new = {**TEXT, "slug": f"post-{number}", "draft": kind == "draft"}
        (await ada.post("/posts", json=new)).raise_for_status()
        seen = []
        for who in (blog.client, bob, ada):  # the one who may comes last
            answer = await who.request(
                method,
                f"/posts/post-{number}",
                json=TEXT if method == "PUT" else None,
                headers={"If-Match": '"1"'},
            )
            seen.append(str(answer.status_code))
        claim(f"{method} {kind}", " ".join(seen), expected)


# --8<-- [end:show]


async def drafts(
    claim: Claims, blog: Blog, ada: httpx.AsyncClient, bob: httpx.AsyncClient
) -> None:
    secret = {**TEXT, "slug": "secret", "draft": True}
    await ada.post("/posts", json=secret)
    for who, name in ((blog.client, "anyone"), (bob, "bob"), (ada, "ada")):
        listed = [each["slug"] for each in (await who.get("/posts")).json()["items"]]
        claim(f"the draft is in the list for {name}", "secret" in listed, False)
    hidden = (await bob.get("/posts/secret")).json()
    nothing = (await bob.get("/posts/nothing")).json()
    claim("a hidden post and none look the same", hidden == nothing, True)
    # What no check of this kind can hide: addresses are unique.
    taken = await bob.post("/posts", json=secret)
    claim("but its slug is taken", taken.status_code, 409)
    published = await ada.put("/posts/secret", json=TEXT, headers={"If-Match": '"1"'})
    claim("published by its author", published.json()["published_at"] is not None, True)
    claim("GET by bob, then", (await bob.get("/posts/secret")).status_code, 200)


async def guarded(claim: Claims, blog: Blog) -> None:
    """Every operation that is not on the list above asks for a token."""
    document = blog.app.openapi()
    operations = {
        (method.upper(), path)
        for path, methods in document["paths"].items()
        for method in methods
    }
    statuses = set()
    for method, path in operations - PUBLIC:
        answer = await blog.client.request(method, path, json={})
        statuses.add(answer.status_code)
    count = len(operations - PUBLIC)
    claim(f"{count} operations without a token", statuses, {401})
    claim("public ones that are gone", PUBLIC - operations or "none", "none")
