"""Where the parts are made and put together; nothing else knows all of them."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from blog import problems
from blog.database import Database
from blog.health import health_routes
from blog.post_routes import post_routes
from blog.posts import PostStore
from blog.settings import Settings


def create_app(settings: Settings) -> FastAPI:
    database = Database(
        settings.database_url.get_secret_value(), settings.pool_size, settings.pool_wait
    )
    posts = PostStore(database)

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
    app.include_router(post_routes(posts))
    return app


def from_environment() -> FastAPI:
    """What `uvicorn --factory blog.app:from_environment` calls."""
    return create_app(Settings.from_environment(os.environ))
