"""Serve an export as one JSON array and as NDJSON, and count the rows in memory."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPResponse, IncompleteRead
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import islice

BATCH = 100
NOTE = "n" * 1000  # a row is about a kilobyte
Gate = Callable[[int], None]


class DatabaseError(Exception):
    """The cursor broke."""


@dataclass
class Export:
    """One request: what to produce, and what was counted."""

    rows: int
    fails_at: int = 0
    pause_at: int = 0  # wait before this row until the client says go
    go: threading.Event = field(default_factory=threading.Event)
    produced: int = 0
    sent: int = 0
    most_held: int = 0
    cursor_open: bool = True
    done: threading.Event = field(default_factory=threading.Event)


def cursor(export: Export) -> Iterator[dict[str, object]]:
    """Rows as a database cursor hands them over; closed however the loop ends."""
    try:
        for number in range(1, export.rows + 1):
            reached(export, number)
            export.produced = number
            export.most_held = max(export.most_held, number - export.sent)
            yield {"id": number, "note": NOTE}
    finally:
        export.cursor_open = False


def send_array(export: Export, write: Callable[[bytes], None]) -> None:
    rows = list(cursor(export))  # all of them, then their text, then the first byte
    write(json.dumps({"rows": rows}).encode())
    export.sent = len(rows)


# --8<-- [start:show]
def send_ndjson(export: Export, write: Callable[[bytes], None]) -> None:
    with closing(cursor(export)) as rows:
        while batch := list(islice(rows, BATCH)):
            lines = "".join(json.dumps(row) + "\n" for row in batch)
            write(lines.encode())  # blocks while the client is slow
            export.sent += len(batch)
    end = json.dumps({"end": True, "rows": export.sent})
    write(end.encode() + b"\n")


def read_ndjson(response: HTTPResponse, seen: Gate) -> tuple[int, bool]:
    """Rows read, and whether the end line came: a status of 200 does not tell."""
    rows = 0
    for line in response:
        record = json.loads(line)
        if record.get("end"):
            return rows, record["rows"] == rows
        rows += 1
        seen(rows)
    return rows, False


# --8<-- [end:show]


def reached(export: Export, number: int) -> None:
    if number == export.pause_at and not export.go.wait(timeout=10):
        raise TimeoutError("the client never said go")
    if number == export.fails_at:
        raise DatabaseError


EXPORTS: dict[str, Export] = {}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 10  # seconds

    def do_GET(self) -> None:
        export = EXPORTS[self.path]
        self.send_response(200)
        self.send_header("Content-Type", "application/x-ndjson")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        send = send_array if self.path == "/array" else send_ndjson
        try:
            send(export, self.chunk)
            self.wfile.write(b"0\r\n\r\n")
        except (ConnectionError, DatabaseError):
            self.close_connection = True  # and no last chunk: the client can tell
        export.done.set()

    def chunk(self, data: bytes) -> None:
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))

    def log_message(self, format: str, *args: object) -> None:
        """Keep stderr quiet."""


def get(port: int, path: str) -> tuple[HTTPConnection, HTTPResponse]:
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", path)
    return connection, connection.getresponse()


def whole_array(port: int) -> None:
    export = EXPORTS["/array"] = Export(5000)
    connection, response = get(port, "/array")
    response.read(1)
    print("one array of 5000 rows")
    print(f"  produced when the first byte arrives  {export.produced}")
    response.read()
    connection.close()
    print(f"  most rows held by the server          {export.most_held}")


def whole_stream(port: int) -> None:
    export = EXPORTS["/stream"] = Export(5000, pause_at=BATCH + 1)
    at_first = 0

    def seen(rows: int) -> None:
        nonlocal at_first
        if rows == 1:
            at_first = export.produced
            export.go.set()

    connection, response = get(port, "/stream")
    rows, complete = read_ndjson(response, seen)
    connection.close()
    print("NDJSON, 5000 rows in batches of 100")
    print(f"  produced when the first row is read   {at_first}")
    print(f"  most rows held by the server          {export.most_held}")
    print(f"  rows read, end line                   {rows}, {answer(complete)}")


def early_close(port: int) -> None:
    export = EXPORTS["/long"] = Export(200_000)
    connection, response = get(port, "/long")
    for _ in islice(response, 250):
        pass
    response.close()
    connection.close()
    stopped = export.done.wait(timeout=30) and export.produced < export.rows
    print("client closes after 250 of 200000 rows")
    print(f"  producer stopped before the end       {answer(stopped)}")
    print(f"  cursor closed                         {answer(not export.cursor_open)}")


def broken_cursor(port: int) -> None:
    export = EXPORTS["/breaks"] = Export(5000, fails_at=1001, pause_at=1001)
    read = 0

    def seen(rows: int) -> None:
        nonlocal read
        read = rows
        if rows == 1000:
            export.go.set()

    connection, response = get(port, "/breaks")
    complete = False
    with suppress(IncompleteRead):  # http.client may end the loop without it
        _, complete = read_ndjson(response, seen)
    connection.close()
    print("the database fails at row 1001")
    print(f"  status, rows read                     {response.status}, {read}")
    print(f"  end line                              {answer(complete)}")


def answer(holds: bool) -> str:
    return "yes" if holds else "no"


def main() -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            for run in (whole_array, whole_stream, early_close, broken_cursor):
                run(server.server_port)
        finally:
            server.shutdown()
            thread.join()


if __name__ == "__main__":
    main()
