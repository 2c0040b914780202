"""What the orchestrator and the load balancer ask."""

from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel

from blog.database import Database


class Alive(BaseModel):
    status: Literal["alive"] = "alive"
    revision: str


class Ready(BaseModel):
    status: Literal["ready"] = "ready"


def health_routes(revision: str, database: Database) -> APIRouter:
    router = APIRouter(prefix="/health", tags=["health"])

    @router.get("/live")
    async def live() -> Alive:
        """Answer from memory: if this fails, only a restart helps."""
        return Alive(revision=revision)

    @router.get("/ready")
    async def ready() -> Ready:
        """Ask the database; 503 takes this instance out of rotation, no more."""
        await database.row("SELECT 1")
        return Ready()

    return router
