"""Step 3: passwords are hashed, tokens checked, refresh tokens good for one use."""

import json
from typing import Any
from unittest.mock import patch

import jwt
from pydantic import SecretStr

from blog.passwords import Passwords
from blog.tokens import AccessTokens
from checks.harness import Blog, Claims, at_once, running_blog
from checks.people import bearer, sign_up

ADA = {"name": "ada", "password": "sample password of ada"}
KEY = "sample key one, in service random bytes"


async def check(claim: Claims) -> None:
    async with running_blog() as blog:
        await registered(claim, blog)
        await signed_in(claim, blog)
        await forged(claim, blog)
        await rotated(claim, blog)
    await keys(claim)


async def registered(claim: Claims, blog: Blog) -> None:
    post = blog.client.post
    claim("POST /users", (await post("/users", json=ADA)).status_code, 201)
    claim("  the name again", (await post("/users", json=ADA)).status_code, 409)
    short = await post("/users", json={"name": "bob", "password": "fourteen chars"})
    claim("  a password of 14 characters", short.status_code, 422)
    stored = await blog.database.fetchval("SELECT password_hash FROM users")
    claim("  stored as", stored[:27], "$argon2id$v=19$m=256,t=1,p=")


# --8<-- [start:show]
async def signed_in(claim: Claims, blog: Blog) -> None:
    right = await blog.client.post("/tokens", json=ADA)
    claim("POST /tokens", right.status_code, 200)
    claim("  Cache-Control", right.headers["Cache-Control"], "no-store")
    work = patch.object(
        Passwords, "_verify", autospec=True, side_effect=Passwords._verify
    )
    answers = []
    for name in ("ada", "nobody"):
        with work as verify:
            wrong = {"name": name, "password": "not the password"}
            answer = await blog.client.post("/tokens", json=wrong)
            answers.append((answer.status_code, answer.json(), verify.call_count))
    claim("a wrong password: status", answers[0][0], 401)
    claim("  hashes computed", answers[0][2], 1)
    claim("an unknown name: answer and work the same", answers[0] == answers[1], True)


# --8<-- [end:show]


async def forged(claim: Claims, blog: Blog) -> None:
    async def status(token: str | None) -> int:
        headers = bearer(token) if token is not None else {}
        answer = await blog.client.get("/users/me", headers=headers)
        assert answer.status_code == 200 or "WWW-Authenticate" in answer.headers
        return answer.status_code

    right = (await blog.client.post("/tokens", json=ADA)).json()["access_token"]
    claim("GET /users/me with a token", await status(right), 200)
    claim("  without one", await status(None), 401)
    claims = jwt.decode(right, options={"verify_signature": False})

    def token(
        key: str = KEY, kid: str = "k1", alg: str = "HS256", **changes: Any
    ) -> str:
        kept = {k: v for k, v in {**claims, **changes}.items() if v is not None}
        return jwt.encode(kept, key, alg, headers={"kid": kid})

    assert await status(token()) == 200  # so that each refusal below has one reason
    forgeries = {
        "another key": token(key="another key of at least 32 bytes"),
        "unknown kid": token(kid="k9"),
        "alg none": token(key="", alg="none"),
        "other issuer": token(iss="https://mail.test"),
        "other audience": token(aud="https://mail.test"),
        "expired": token(iat=claims["iat"] - 601, exp=claims["exp"] - 601),
        "no expiry": token(exp=None),
        "no JWT at all": "x",
    }
    refused = [name for name, each in forgeries.items() if await status(each) == 401]
    claim("forged tokens refused", f"{len(refused)} of {len(forgeries)}", "8 of 8")


async def rotated(claim: Claims, blog: Blog) -> None:
    async def refresh(token: str) -> tuple[int, str]:
        answer = await blog.client.post(
            "/tokens/refresh", json={"refresh_token": token}
        )
        return answer.status_code, answer.json().get("refresh_token", "")

    first = (await sign_up(blog, "eve"))["refresh_token"]
    phone = (await sign_up(blog, "kim"))["refresh_token"]
    status, second = await refresh(first)
    claim("POST /tokens/refresh", status, 200)
    claim("  the first token again: a thief?", (await refresh(first))[0], 401)
    claim("  the second is void, too", (await refresh(second))[0], 401)
    claim("  another session goes on", (await refresh(phone))[0], 200)
    third = (await sign_up(blog, "joe"))["refresh_token"]
    both = await at_once(blog.database, "sessions", refresh(third), refresh(third))
    claim("two at once with one token", sorted(each[0] for each in both), [200, 401])
    rows = await blog.database.fetchrow(
        "SELECT count(*) FILTER (WHERE digest = convert_to($1, 'UTF8')) AS plain, "
        "count(*) FILTER (WHERE digest = sha256(convert_to($1, 'UTF8'))) AS hashed "
        "FROM refresh_tokens",
        phone,
    )
    claim("stored", dict(rows), {"plain": 0, "hashed": 1})


async def keys(claim: Claims) -> None:
    """Change the key without signing anybody out."""
    two = "sample key two, in service random bytes"
    old = AccessTokens({"k1": SecretStr(KEY)}, "k1").issue(1)
    for ring, claimed, expected in [
        ({"k1": KEY, "k2": two}, "k2 signs, k1 is known", 200),
        ({"k2": two}, "k1 is dropped", 401),
    ]:
        async with running_blog(
            signing_keys=json.dumps(ring), signing_key="k2"
        ) as blog:
            await sign_up(blog, "ada")
            me = await blog.client.get("/users/me", headers=bearer(old))
            claim(f"a token of k1 after {claimed}", me.status_code, expected)
