"""One function chooses the status code; a client prints what completes it."""

import json
import threading
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, HTTPServer

JSON = "application/json"
MERGE = "application/merge-patch+json"
KEYS = {"Bearer ada": "ada", "Bearer busy": "busy"}
OWNERS = {"/orders/42": "ada", "/orders/77": "ben"}
METHODS = {
    "/orders": "GET, POST",
    "/orders/42": "GET, PATCH",
    "/orders/77": "GET, PATCH",
    "/carts/5": "DELETE",
    "/reports": "POST",
    "/prices": "GET",
    "/v1/orders/42": "GET",
}
SHOWN = (
    "WWW-Authenticate",
    "Location",
    "ETag",
    "Allow",
    "Accept",
    "Accept-Patch",
    "Retry-After",
)


@dataclass
class Request:
    method: str
    path: str
    headers: dict[str, str] = field(default_factory=dict)
    body: str = ""


@dataclass
class Answer:
    status: int
    headers: dict[str, str] = field(default_factory=dict)


def valid(body: str) -> bool:
    quantity = json.loads(body).get("qty")
    return isinstance(quantity, int) and quantity > 0


def readable(body: str) -> bool:
    try:
        return isinstance(json.loads(body), dict)
    except ValueError:
        return False


# --8<-- [start:show]
def decide(request: Request) -> Answer:
    method, path, headers = request.method, request.path, request.headers
    # Is the caller known, and within limits?
    caller = KEYS.get(headers.get("Authorization", ""))
    if caller is None:
        return Answer(401, {"WWW-Authenticate": 'Bearer realm="orders"'})
    if caller == "busy":
        return Answer(429, {"Retry-After": "30"})
    # Does the target exist for this caller, and take this method?
    if path not in METHODS or OWNERS.get(path, caller) != caller:
        return Answer(404)
    if method not in METHODS[path].split(", "):
        return Answer(405, {"Allow": METHODS[path]})
    # Can the body be read?
    if request.body:
        wanted = MERGE if method == "PATCH" else JSON
        if headers.get("Content-Type") != wanted:
            name = "Accept-Patch" if method == "PATCH" else "Accept"
            return Answer(415, {name: wanted})
        if not readable(request.body):
            return Answer(400)
    # Do state and rules agree?
    if method == "PATCH" and "If-Match" not in headers:
        return Answer(428)
    if method == "PATCH" and headers["If-Match"] != '"v7"':
        return Answer(412)
    if request.body and not valid(request.body):
        return Answer(422)
    return act(method, path, headers)


def act(method: str, path: str, headers: dict[str, str]) -> Answer:
    match method, path:
        case "GET", "/prices":
            return Answer(503, {"Retry-After": "120"})
        case "GET", "/v1/orders/42":
            return Answer(308, {"Location": "/orders/42"})
        case "POST", "/orders":
            return Answer(201, {"Location": "/orders/43", "ETag": '"v1"'})
        case "POST", "/reports":
            return Answer(202, {"Location": "/reports/1"})
        case "PATCH", _:
            return Answer(200, {"ETag": '"v8"'})
        case "DELETE", _:
            return Answer(204)
    if headers.get("If-None-Match") == '"v7"':
        return Answer(304, {"ETag": '"v7"'})
    return Answer(200, {"ETag": '"v7"'})


# --8<-- [end:show]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 5

    def handle_request(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        body = self.rfile.read(length).decode()
        answer = decide(Request(self.command, self.path, dict(self.headers), body))
        content = json.dumps({"status": answer.status}).encode()
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if answer.status in (204, 304):
            content = b""
        else:
            self.send_header("Content-Type", JSON)
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_PATCH = do_DELETE = handle_request  # noqa: N815

    def log_message(self, format: str, *args: object) -> None:
        """Keep the transcript free of log lines."""


ADA = {"Authorization": "Bearer ada"}
AS_JSON = ADA | {"Content-Type": JSON}
AS_MERGE = ADA | {"Content-Type": MERGE}
ROWS = [
    ("no token", Request("GET", "/orders/42")),
    ("no token, no such order", Request("GET", "/orders/999")),
    ("too many requests", Request("GET", "/orders", {"Authorization": "Bearer busy"})),
    ("another customer's order", Request("GET", "/orders/77", ADA)),
    ("wrong method", Request("DELETE", "/orders/42", ADA)),
    ("read", Request("GET", "/orders/42", ADA)),
    ("unchanged", Request("GET", "/orders/42", ADA | {"If-None-Match": '"v7"'})),
    (
        "create as text",
        Request("POST", "/orders", ADA | {"Content-Type": "text/plain"}, "2"),
    ),
    ("create, broken JSON", Request("POST", "/orders", AS_JSON, '{"qty":')),
    ("create, quantity 0", Request("POST", "/orders", AS_JSON, '{"qty":0}')),
    ("create", Request("POST", "/orders", AS_JSON, '{"qty":2}')),
    ("change as plain JSON", Request("PATCH", "/orders/42", AS_JSON, '{"qty":3}')),
    ("change, no version", Request("PATCH", "/orders/42", AS_MERGE, '{"qty":3}')),
    (
        "change, stale and invalid",
        Request("PATCH", "/orders/42", AS_MERGE | {"If-Match": '"v6"'}, '{"qty":0}'),
    ),
    (
        "change, invalid",
        Request("PATCH", "/orders/42", AS_MERGE | {"If-Match": '"v7"'}, '{"qty":0}'),
    ),
    (
        "change",
        Request("PATCH", "/orders/42", AS_MERGE | {"If-Match": '"v7"'}, '{"qty":3}'),
    ),
    ("delete", Request("DELETE", "/carts/5", ADA)),
    ("start a report", Request("POST", "/reports", ADA)),
    ("moved for good", Request("GET", "/v1/orders/42", ADA)),
    ("maintenance", Request("GET", "/prices", ADA)),
]


def call(port: int, request: Request) -> tuple[int, dict[str, str], bytes]:
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        body = request.body.encode() or None
        connection.request(request.method, request.path, body, request.headers)
        response = connection.getresponse()
        return response.status, dict(response.getheaders()), response.read()
    finally:
        connection.close()


def main() -> None:
    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    answers = []
    for title, request in ROWS:
        status, headers, body = call(server.server_port, request)
        answers.append((status, headers, body))
        said = [f"{name}: {headers[name]}" for name in SHOWN if name in headers]
        print(f"{title:<26}{request.method:<7}{status}  {', '.join(said)}".rstrip())
    server.shutdown()
    server.server_close()

    def every(status: int, name: str) -> str:
        having = [name in headers for code, headers, _ in answers if code == status]
        return "yes" if having and all(having) else "no"

    empty = [
        not body and "Content-Length" not in headers
        for code, headers, body in answers
        if code in (204, 304)
    ]
    print()
    print(f"every 401 has WWW-Authenticate: {every(401, 'WWW-Authenticate')}")
    print(f"every 405 has Allow: {every(405, 'Allow')}")
    print(f"every 304 has the ETag of its 200: {every(304, 'ETag')}")
    print(f"204 and 304 have no body and no length: {'yes' if all(empty) else 'no'}")


if __name__ == "__main__":
    main()
