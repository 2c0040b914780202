"""Where the parts are made and put together; nothing else knows all of them."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from blog import problems
from blog.account_routes import account_routes
from blog.accounts import AccountStore
from blog.database import Database
from blog.health import health_routes
from blog.identity import Identity
from blog.passwords import Passwords
from blog.post_routes import post_routes
from blog.posts import PostStore
from blog.settings import Settings
from blog.tokens import AccessTokens


def create_app(settings: Settings) -> FastAPI:
    database = Database(
        settings.database_url.get_secret_value(), settings.pool_size, settings.pool_wait
    )
    passwords = Passwords(settings.argon2_kib, settings.argon2_passes)
    tokens = AccessTokens(settings.signing_keys, settings.signing_key)
    identity = Identity(tokens)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with database:
            yield

    app = FastAPI(
        title="Mini-blog",
        version="1.0.0",
        docs_url="/docs" if settings.stage == "development" else None,
        redoc_url=None,
        lifespan=lifespan,
    )
    problems.install(app)
    app.include_router(health_routes(settings.revision, database))
    app.include_router(
        account_routes(AccountStore(database), passwords, tokens, identity)
    )
    app.include_router(post_routes(PostStore(database)))
    return app


def from_environment() -> FastAPI:
    """What `uvicorn --factory blog.app:from_environment` calls."""
    return create_app(Settings.from_environment(os.environ))
