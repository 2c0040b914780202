"""Where the parts are made and put together; nothing else knows all of them."""

import os

from fastapi import FastAPI

from blog import problems
from blog.health import health_routes
from blog.settings import Settings


def create_app(settings: Settings) -> FastAPI:
    app = FastAPI(
        title="Mini-blog",
        version="1.0.0",
        docs_url="/docs" if settings.stage == "development" else None,
        redoc_url=None,
    )
    problems.install(app)
    app.include_router(health_routes(settings.revision))
    return app


def from_environment() -> FastAPI:
    """What `uvicorn --factory blog.app:from_environment` calls."""
    return create_app(Settings.from_environment(os.environ))
