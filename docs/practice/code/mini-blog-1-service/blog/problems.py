"""Every error leaves as application/problem+json (RFC 9457), from one place."""

from collections.abc import Mapping
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

TYPES = "https://blog.test/problems/"


class ProblemError(Exception):
    """A refusal that the client can act on; `kind` is the end of its type's URI."""

    def __init__(
        self,
        status: int,
        kind: str,
        title: str,
        *,
        detail: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(title)
        self.status, self.kind, self.title = status, kind, title
        self.detail, self.headers = detail, headers


# --8<-- [start:show]
def install(app: FastAPI) -> None:
    """Map our refusals, the framework's, invalid input and defects."""
    app.add_exception_handler(ProblemError, refused)
    app.add_exception_handler(HTTPException, by_framework)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(Exception, defect)


async def refused(_: Request, error: ProblemError) -> JSONResponse:
    more = {"detail": error.detail} if error.detail else {}
    return problem(error.status, TYPES + error.kind, error.title, error.headers, **more)


async def by_framework(_: Request, error: HTTPException) -> JSONResponse:
    """404 for an unknown path, 405 with its Allow header."""
    title = HTTPStatus(error.status_code).phrase
    return problem(error.status_code, "about:blank", title, error.headers)


async def invalid(_: Request, error: RequestValidationError) -> JSONResponse:
    """All faults at once, by place; the values sent are not repeated."""
    faults = error.errors()
    if any(fault["type"] == "json_invalid" for fault in faults):
        return problem(400, TYPES + "not-json", "The body is not JSON")
    errors = [{**place(*fault["loc"]), "detail": fault["msg"]} for fault in faults]
    return problem(422, TYPES + "invalid", "The request is invalid", errors=errors)


async def defect(_: Request, error: Exception) -> JSONResponse:
    """Our fault: the log gets the traceback, the client a line without details."""
    return problem(500, "about:blank", "Internal Server Error")


# --8<-- [end:show]


def place(where: str, *path: str | int) -> dict[str, str]:
    if where == "body":
        return {"pointer": "#" + "".join(f"/{part}" for part in path)}
    return {where: "/".join(map(str, path))}


def problem(
    status: int,
    type_uri: str,
    title: str,
    headers: Mapping[str, str] | None = None,
    **more: object,
) -> JSONResponse:
    return JSONResponse(
        {"type": type_uri, "title": title, "status": status, **more},
        status,
        headers,
        media_type="application/problem+json",
    )
