"""The orders service in two releases; the second one drifted from its document."""

import json
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from typing import Any

TOKEN = "Bearer sample-token"
MAX_BODY = 4096  # bytes
Reply = tuple[int, dict[str, str], Any]
Handler = Callable[["Service", str, Any], Reply]


def order() -> dict[str, Any]:
    return {
        "id": "7",
        "sku": "tea",
        "quantity": 2,
        "totalCents": 1250,
        "status": "paid",
        "createdAt": "2026-11-20T09:30:00Z",
        "note": None,
    }


def problem(status: int, title: str, **headers: str) -> Reply:
    headers = {"Content-Type": "application/problem+json", **headers}
    return status, headers, {"title": title, "status": status}


class Service:
    """A router is a table, so it can be compared with the document."""

    def __init__(self, release: int) -> None:
        self.release = release
        self.table: dict[str, Handler] = {
            "GET /orders": Service.list,
            "POST /orders": Service.place,
            "GET /orders/{orderId}": Service.read,
        }
        if release == 1:
            self.table["DELETE /orders/{orderId}"] = Service.cancel
        else:
            self.table["GET /internal/orders"] = Service.list

    @property
    def routes(self) -> list[str]:
        return list(self.table)

    def answer(self, method: str, path: str, token: str, body: Any) -> Reply:
        if token != TOKEN:
            challenge = {"WWW-Authenticate": 'Bearer realm="orders"'}
            return problem(401, "Unauthorized", **challenge)
        for route, handler in self.table.items():
            verb, template = route.split(" ")
            if method == verb and matches(template, path):
                return handler(self, path.rpartition("/")[2], body)
        return problem(405, "Method Not Allowed", Allow="GET")

    def list(self, _: str, __: Any) -> Reply:
        item = order()
        if self.release == 2:
            del item["createdAt"]
        # A parameter, which many frameworks add: the media type is the same.
        headers = {"Content-Type": "application/json; charset=utf-8"}
        return 200, headers, {"items": [item]}

    def read(self, wanted: str, _: Any) -> Reply:
        found = order()
        if wanted != found["id"]:
            if self.release == 2:
                return 404, {"Content-Type": "application/json"}, {"error": "no order"}
            return problem(404, "Not Found")
        if self.release == 2:
            found |= {"totalCents": "12.50", "status": "on_hold", "internalNote": "vip"}
        return 200, {"Content-Type": "application/json"}, found

    def place(self, _: str, body: Any) -> Reply:
        numeric = type(body.get("quantity")) is int
        extra = set(body) - {"sku", "quantity"}
        if not numeric or (extra and self.release == 1):
            return problem(422, "Unprocessable Content")
        headers = {"Content-Type": "application/json", "Location": "/orders/7"}
        if self.release == 2 and not extra:
            return 202, headers, order()
        return 201, headers, order()

    def cancel(self, _: str, __: Any) -> Reply:
        return 204, {}, None


def matches(template: str, path: str) -> bool:
    ours, theirs = template.split("/"), path.split("/")
    return len(ours) == len(theirs) and all(
        a == b or a.startswith("{") for a, b in zip(ours, theirs, strict=True)
    )


def handler_for(service: Service) -> type[BaseHTTPRequestHandler]:
    class Endpoint(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 5  # seconds

        def serve(self) -> None:
            length = min(int(self.headers.get("Content-Length", "0")), MAX_BODY)
            raw = self.rfile.read(length)
            token = self.headers.get("Authorization", "")
            body = json.loads(raw) if raw else None
            status, headers, content = service.answer(
                self.command, self.path, token, body
            )
            sent = b"" if content is None else json.dumps(content).encode()
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            if status != 204:
                self.send_header("Content-Length", str(len(sent)))
            self.end_headers()
            self.wfile.write(sent)

        do_GET = do_POST = do_DELETE = serve  # noqa: N815

        def log_message(self, format: str, *args: object) -> None:
            """Keep stderr quiet: the report is the log."""

    return Endpoint
