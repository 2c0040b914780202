"""What the orchestrator asks."""

from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel


class Alive(BaseModel):
    status: Literal["alive"] = "alive"
    revision: str


def health_routes(revision: str) -> APIRouter:
    router = APIRouter(prefix="/health", tags=["health"])

    @router.get("/live")
    async def live() -> Alive:
        """Answer from memory: if this fails, only a restart helps."""
        return Alive(revision=revision)

    return router
