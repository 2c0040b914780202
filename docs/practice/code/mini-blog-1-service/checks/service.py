"""Step 1: it starts, says that it lives, and refuses in one format."""

from collections.abc import Mapping

from pydantic import ValidationError

from blog.settings import Settings
from checks.harness import Claims, running_blog


# --8<-- [start:show]
async def check(claim: Claims) -> None:
    async with running_blog(revision="abc123") as blog:
        alive = await blog.client.get("/health/live")
        claim("GET /health/live", alive.status_code, 200)
        claim("  revision", alive.json()["revision"], "abc123")

        unknown = await blog.client.get("/nowhere")
        claim("GET /nowhere", unknown.status_code, 404)
        claim("  as", unknown.headers["Content-Type"], "application/problem+json")
        claim("  title", unknown.json()["title"], "Not Found")

        wrong = await blog.client.delete("/health/live")
        claim("DELETE /health/live", wrong.status_code, 405)
        claim("  Allow", wrong.headers["Allow"], "GET")

        async def defect() -> None:
            raise RuntimeError("password=hunter2")

        blog.app.add_api_route("/defect", defect)
        broken = await blog.client.get("/defect")
        claim("a handler raises", broken.status_code, 500)
        claim("  its message reaches the client", "hunter2" in broken.text, False)
        docs = await blog.client.get("/docs")
        claim("GET /docs in development", docs.status_code, 200)

    async with running_blog(stage="production") as blog:
        docs = await blog.client.get("/docs")
        claim("GET /docs in production", docs.status_code, 404)

    claim("STAGE is missing: named", "stage\n  Field required" in refusal({}), True)
    said = refusal({"STAGE": "s3cret"})
    claim("STAGE is wrong: named", "stage\n  Input should be 'dev" in said, True)
    claim("  its value is shown", "s3cret" in said, False)


# --8<-- [end:show]


def refusal(environment: Mapping[str, str]) -> str:
    try:
        Settings.from_environment(environment)
    except ValidationError as error:
        return str(error)
    return "accepted"
