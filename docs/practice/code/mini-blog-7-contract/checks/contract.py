"""Step 7: the document is valid, true, complete, and breaks no client."""

import copy
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from blog.contract import as_text
from checks.breaking import breaking
from checks.harness import TRAFFIC, Blog, Claims, running_blog
from checks.ownership import PUBLIC
from checks.people import writer

SAVED = Path(__file__).resolve().parent.parent / "openapi.json"
Document = dict[str, Any]


async def check(claim: Claims) -> None:
    async with running_blog() as blog, writer(blog) as ada:
        served = (await blog.client.get("/openapi.json")).json()
        await remaining(blog, ada)
    valid = OpenAPIV31SpecValidator(served).is_valid()
    claim(f"a valid document of OpenAPI {served['openapi']}", valid, True)
    saved = json.loads(SAVED.read_text("utf-8"))
    claim(
        "what is served is what was reviewed", as_text(served) == as_text(saved), True
    )
    operations = {
        (method.upper(), path): operation
        for path, methods in served["paths"].items()
        for method, operation in methods.items()
    }
    ids = {each["operationId"] for each in operations.values()}
    claim("operations, each with its own id", (len(operations), len(ids)), (11, 11))
    open_to_all = {
        each
        for each, operation in operations.items()
        if {} in operation.get("security", [{}])
    }
    claim("those without a token are the public ones", open_to_all == PUBLIC, True)
    truthful(claim, served)
    compatible(claim, saved)


async def remaining(blog: Blog, ada: httpx.AsyncClient) -> None:
    """Provoke what is promised and no step has met yet."""
    await blog.client.get("/health/ready")
    await ada.post("/posts", json={"slug": "x", "title": "Title", "body": "Text."})
    await ada.delete("/posts/x")
    await ada.put("/posts/x", json={"title": ""})
    await ada.get("/posts/x", headers={"Authorization": "Bearer x"})
    headers = {"Content-Type": "application/json"}
    for path in ("/users", "/tokens", "/tokens/refresh"):
        await ada.post(path, json={"colour": "blue"})
        await ada.post(path, content="{", headers=headers)
    await ada.put("/posts/x", content="{", headers=headers)


# --8<-- [start:show]
def truthful(claim: Claims, document: Document) -> None:
    """Hold every answer that the checks of all steps got against the document."""
    seen, faults, count = set(), [], 0
    for answer in TRAFFIC:
        found = operation_of(document, answer.request)
        if found is None:  # checks also ask for what does not exist
            continue
        name, operation = found
        count += 1
        status = str(answer.status_code)
        promised = operation["responses"].get(status)
        seen.add((name, status))
        if promised is None:
            faults.append(f"{name} {status} is not promised")
        elif content := promised.get("content"):
            (media_type, described), *_ = content.items()
            schema = {**described["schema"], "components": document["components"]}
            errors = [*Draft202012Validator(schema).iter_errors(answer.json())]
            if media_type != answer.headers["Content-Type"] or errors:
                faults.append(f"{name} {status}: {media_type}, {errors[:1]}")
        elif answer.content:
            faults.append(f"{name} {status} has a body")
    claim("answers of all steps held against it", count > 200, True)
    claim("  not as promised", faults or "none", "none")
    promised = {
        (operation["operationId"], status)
        for methods in document["paths"].values()
        for operation in methods.values()
        for status in operation["responses"]
        if status != "default"
    }
    claim("  promised and never seen", sorted(promised - seen) or "none", "none")


# --8<-- [end:show]


def operation_of(
    document: Document, request: httpx.Request
) -> tuple[str, Document] | None:
    for path, methods in sorted(
        document["paths"].items(), key=lambda each: "{" in each[0]
    ):
        pattern = re.sub(r"\{\w+\}", "[^/]+", path)
        if re.fullmatch(pattern, request.url.path):
            operation = methods.get(request.method.lower())
            return (operation["operationId"], operation) if operation else None
    return None


def compatible(claim: Claims, saved: Document) -> None:
    def after(change: Callable[[Document], object]) -> list[str]:
        new = copy.deepcopy(saved)
        change(new)
        return [*breaking(saved, new)]

    def schema(document: Document, name: str) -> Document:
        return document["components"]["schemas"][name]

    def new_optional_field(new: Document) -> None:
        schema(new, "NewPost")["properties"]["tags"] = {"type": "array"}
        schema(new, "PostView")["properties"]["tags"] = {"type": "array"}

    claim("a new optional field", after(new_optional_field), [])
    for what, change, found in [
        (
            "a field gone from two answers",
            lambda new: schema(new, "UserView")["properties"].pop("name"),
            2,
        ),
        (
            "a new required field in requests",
            lambda new: schema(new, "NewUser")["required"].append("email"),
            1,
        ),
        (
            "a shorter limit",
            lambda new: schema(new, "PostContent")["properties"]["title"].update(
                maxLength=100
            ),
            1,
        ),
        (
            "an operation removed",
            lambda new: new["paths"]["/posts/{slug}"].pop("delete"),
            1,
        ),
        (
            "a token for what was public",
            lambda new: new["paths"]["/posts"]["get"].update(
                security=[{"accessToken": []}]
            ),
            1,
        ),
    ]:
        findings = after(change)
        claim(f"breaks: {what}", len(findings), found)
