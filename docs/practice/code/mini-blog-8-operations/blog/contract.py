"""What the API promises: its OpenAPI document, with every error that may come."""

import json
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from pydantic import BaseModel, Field

Document = dict[str, Any]


class Fault(BaseModel):
    detail: str
    pointer: str | None = Field(None, description="JSON Pointer into the body")
    query: str | None = Field(None, description="Name of a query parameter")


class Problem(BaseModel):
    """RFC 9457. Decide by `type`; `title` is for people and may change."""

    type: str
    title: str
    status: int
    detail: str | None = None
    errors: list[Fault] | None = None


# --8<-- [start:show]
ANSWERS = {
    304: "You have the current version",
    400: "Not JSON, or a cursor that is not ours",
    401: "No valid access token, or wrong credentials",
    403: "Only its author may change a post",
    404: "No such post for you",
    409: "The name or slug is taken",
    412: "The post has changed since you read it",
    422: "Understood, and invalid: see `errors`",
    428: "If-Match is missing",
    429: "Too many attempts: wait as long as Retry-After says",
    503: "Busy: wait as long as Retry-After says",
}
PROMISED = {
    "live": (),
    "ready": (503,),
    "register": (400, 409, 422),
    "sign_in": (400, 401, 422, 429),
    "refresh": (400, 401, 422),
    "read_me": (401,),
    "create_post": (400, 401, 409, 422),
    "list_posts": (400, 422),
    "read_post": (304, 401, 404),
    "replace_post": (400, 401, 403, 404, 412, 422, 428),
    "delete_post": (401, 403, 404, 412, 428),
}
"""By operation; beside these, `default` stands for 500, and 503 everywhere."""


class DescribedAPI(FastAPI):
    """Serves the document as it is promised, at /openapi.json."""

    def openapi(self) -> Document:
        if self.openapi_schema is None:
            self.openapi_schema = described(
                get_openapi(
                    title=self.title,
                    version=self.version,
                    description="Posts, their authors, and tokens to write with.",
                    servers=[{"url": "https://blog.test"}],
                    routes=self.routes,
                )
            )
        return self.openapi_schema


def described(document: Document) -> Document:
    for path in document["paths"].values():
        for operation in path.values():
            answers = operation["responses"]
            answers.pop("422", None)  # the framework's own format, never sent
            for status in PROMISED[operation["operationId"]]:
                body = {} if status == 304 else {"content": PROBLEM}
                answers[str(status)] = {"description": ANSWERS[status], **body}
            answers["default"] = {"description": "Any other error", "content": PROBLEM}
    schemas = document["components"]["schemas"]
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    place = "#/components/schemas/{model}"
    problem = Problem.model_json_schema(ref_template=place)
    schemas |= {**problem.pop("$defs"), "Problem": problem}
    return document


PROBLEM = {
    "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
}
# --8<-- [end:show]


def operation_id(route: APIRoute) -> str:
    """The handler's name: clients generate methods from it, so it must not change."""
    return route.name


def as_text(document: Document) -> str:
    return json.dumps(document, indent=2, sort_keys=True) + "\n"
