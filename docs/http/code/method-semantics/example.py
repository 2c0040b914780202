"""Call every HTTP method twice and compare what the server stores."""

import json
import re
import threading
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

MAX_BODY = 64 * 1024
MERGE = "application/merge-patch+json"
JSON_PATCH = "application/json-patch+json"

Note = dict[str, Any]


class ClientError(Exception):
    """A request the server refuses, with the status that says why."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Store:
    """The notes by id, and a log of every request."""

    def __init__(self) -> None:
        self.notes: dict[int, Note] = {}
        self.log: list[str] = []
        self.reset()

    def reset(self) -> None:
        self.notes = {1: {"tags": ["hot"], "title": "Tea"}}

    def snapshot(self) -> str:
        return " ".join(
            f"{key}={note['title']}[{','.join(note['tags'])}]"
            for key, note in sorted(self.notes.items())
        )


STORE = Store()


def check_note(value: Any) -> Note:
    if not isinstance(value, dict) or set(value) != {"tags", "title"}:
        raise ClientError(422)
    tags, title = value["tags"], value["title"]
    if not isinstance(title, str) or not isinstance(tags, list):
        raise ClientError(422)
    if not all(isinstance(tag, str) for tag in tags):
        raise ClientError(422)
    return value


# --8<-- [start:merge]
def merge_patch(target: Any, patch: Any) -> Any:  # the whole of RFC 7396
    if not isinstance(patch, dict):
        return patch
    result = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merge_patch(result.get(key), value)
    return result


# --8<-- [end:merge]
# --8<-- [start:show]
class NotesHandler(BaseHTTPRequestHandler):
    def get(self) -> None:  # also answers HEAD: reply() leaves the body out
        self.reply(200, self.find())

    def post(self) -> None:  # the collection chooses the new URI
        key = max(STORE.notes, default=0) + 1
        STORE.notes[key] = check_note(self.content("application/json"))
        self.reply(201, STORE.notes[key], {"Location": f"/notes/{key}"})

    def put(self) -> None:  # the client chose the URI: create or replace
        status = 204 if self.key in STORE.notes else 201
        STORE.notes[self.key] = check_note(self.content("application/json"))
        self.reply(status)

    def patch(self) -> None:  # the media type says what the content means
        note = self.find()
        if self.headers["Content-Type"] == MERGE:
            changed = merge_patch(note, self.content(MERGE))
        else:
            tag = append_value(self.content(JSON_PATCH))
            changed = note | {"tags": [*note["tags"], tag]}
        STORE.notes[self.key] = check_note(changed)
        self.reply(200, STORE.notes[self.key])

    def delete(self) -> None:
        self.find()  # 404 when it is already gone: same state, other answer
        del STORE.notes[self.key]
        self.reply(204)

    # --8<-- [end:show]
    key = 0
    timeout = 5

    def dispatch(self) -> None:
        STORE.log.append(self.command)
        try:
            self.route()()
        except ClientError as refused:
            self.reply(refused.status)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = dispatch  # noqa: N815

    def route(self) -> Any:
        if self.path == "/notes":
            table = {"POST": self.post}
        elif match := re.fullmatch(r"/notes/(\d{1,9})", self.path):
            self.key = int(match[1])
            table = {"GET": self.get, "HEAD": self.get, "PUT": self.put}
            table |= {"PATCH": self.patch, "DELETE": self.delete}
        else:
            raise ClientError(404)
        if self.command not in table:
            return lambda: self.reply(405, headers={"Allow": ", ".join(table)})
        return table[self.command]

    def find(self) -> Note:
        if self.key not in STORE.notes:
            raise ClientError(404)
        return STORE.notes[self.key]

    def content(self, media_type: str) -> Any:
        if self.headers["Content-Type"] != media_type:
            raise ClientError(415)
        if "Content-Length" not in self.headers:
            raise ClientError(411)
        try:
            length = int(self.headers["Content-Length"])
            if not 0 <= length <= MAX_BODY:
                raise ClientError(413)
            return json.loads(self.rfile.read(length))
        except ValueError as broken:
            raise ClientError(400) from broken

    def reply(
        self,
        status: int,
        note: Note | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        body = b"" if note is None else json.dumps(note, separators=(",", ":")).encode()
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        if note is not None:
            self.send_header("Content-Type", "application/json")
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Keep stderr quiet: the store's log is enough."""


def append_value(operations: Any) -> str:
    """The one JSON Patch this server knows: append a tag (RFC 6902, 4.1)."""
    match operations:
        case [{"op": "add", "path": "/tags/-", "value": str(tag)}]:
            return tag
    raise ClientError(422)


def call(
    port: int, method: str, path: str, media_type: str, content: Any
) -> tuple[int, int, int]:
    """Send one request; return status, Content-Length and bytes received."""
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        if content is None:
            connection.request(method, path)
        else:
            body = json.dumps(content).encode()
            connection.request(method, path, body, {"Content-Type": media_type})
        response = connection.getresponse()
        announced = int(response.headers.get("Content-Length", "0"))
        return response.status, announced, len(response.read())
    finally:
        connection.close()


SOUP = {"tags": [], "title": "Soup"}
APPEND = [{"op": "add", "path": "/tags/-", "value": "new"}]
ROWS: list[tuple[str, str, str, str, Any]] = [
    ("GET /notes/1", "GET", "/notes/1", "", None),
    ("HEAD /notes/1", "HEAD", "/notes/1", "", None),
    ("POST /notes", "POST", "/notes", "application/json", SOUP),
    ("PUT /notes/1 (replace)", "PUT", "/notes/1", "application/json", SOUP),
    ("PUT /notes/2 (create)", "PUT", "/notes/2", "application/json", SOUP),
    ("PATCH /notes/1 (merge)", "PATCH", "/notes/1", MERGE, {"title": "Mint"}),
    ("PATCH /notes/1 (append)", "PATCH", "/notes/1", JSON_PATCH, APPEND),
    ("DELETE /notes/1", "DELETE", "/notes/1", "", None),
]


def experiment(port: int) -> None:
    verdicts: list[str] = []
    sizes: dict[str, str] = {}
    print(f"{'request':<25}call  status  state afterwards")
    for label, method, path, media_type, content in ROWS:
        STORE.reset()
        before = STORE.snapshot()
        first, announced, received = call(port, method, path, media_type, content)
        once = STORE.snapshot()
        second, _, _ = call(port, method, path, media_type, content)
        twice = STORE.snapshot()
        sizes[method] = f"{announced} bytes, sent {received}"
        print(f"{label:<25}1st   {first}     {once or '(empty)'}")
        print(f"{'':<25}2nd   {second}     {twice or '(empty)'}")
        safe = "yes" if once == before else "no"
        idempotent = "yes" if twice == once else "no"
        note = "same state, other answer" if first != second else ""
        answers = f"{first} {second}"
        row = f"{label:<25}{safe:<6}{idempotent:<12}{answers:<9}{note}"
        verdicts.append(row.rstrip())

    print()
    print(f"{'request':<25}safe  idempotent  answers")
    print("\n".join(verdicts))
    print()
    print(f"GET announced {sizes['GET']}; HEAD announced {sizes['HEAD']}.")
    print(f"Requests logged: {len(STORE.log)}. A log line does not make GET unsafe.")


def main() -> None:
    server = HTTPServer(("127.0.0.1", 0), NotesHandler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        experiment(server.server_port)
    finally:
        server.shutdown()
        server.server_close()


if __name__ == "__main__":
    main()
