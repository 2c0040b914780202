"""Serve a small bookings API on loopback and print what a client sees of it."""

import json
import re
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from email.message import Message
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

TIMEOUT = 5.0  # seconds, for every socket operation
MAX_BODY = 65_536
MAX_BATCH = 100
JSON = "application/json"
MERGE_PATCH = "application/merge-patch+json"
ROOMS = {"7": 4, "8": 2}  # room number: how many it sleeps


class Problem(Exception):  # noqa: N818 - the word of RFC 9457
    """A refusal that the client can act on."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status, self.detail = status, detail


@dataclass
class Request:
    params: tuple[str, ...]  # the variable parts of the path
    if_match: str | None
    if_none_match: str | None
    document: Any


@dataclass
class Response:
    status: int
    document: dict[str, Any] | None = None
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Booking:
    id: int
    room: str
    night: str
    guest: str
    party: int
    version: int = 1
    reason: str | None = None  # why it was canceled

    @property
    def uri(self) -> str:
        return f"/bookings/{self.id}"

    @property
    def etag(self) -> str:
        return f'"{self.version}"'

    def represent(self) -> dict[str, Any]:
        links = {"self": self.uri, "room": f"/rooms/{self.room}"}
        if self.reason is None:  # offered only while it is possible
            links["cancellation"] = f"{self.uri}/cancellation"
        return {
            "id": str(self.id),
            "night": self.night,
            "guest": self.guest,
            "party": self.party,
            "status": "confirmed" if self.reason is None else "canceled",
            "links": links,
        }


LOCK = threading.Lock()  # guards everything below
BOOKINGS: list[Booking] = []
REPORTS: list[dict[str, Any]] = []
JOBS: list[dict[str, Any]] = []


def check_fields(document: Any, *names: str) -> None:
    if not isinstance(document, dict) or set(document) - set(names):
        raise Problem(422, f"send an object with {', '.join(names)} only")


def check_text(document: dict[str, Any], name: str, pattern: str) -> str:
    value = document.get(name)
    if not isinstance(value, str) or not re.fullmatch(pattern, value):
        raise Problem(422, f"{name} is missing or malformed")
    return value


def check_night(document: dict[str, Any]) -> str:
    night = check_text(document, "night", r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
    try:
        date.fromisoformat(night)
    except ValueError:
        raise Problem(422, "night is not a date") from None
    return night


def check_party(document: dict[str, Any], room: str) -> int:
    party = document.get("party")
    if type(party) is not int or not 1 <= party <= ROOMS[room]:
        raise Problem(422, f"party must be 1 to {ROOMS[room]} in room {room}")
    return party


def find(items: list[Any], number: str) -> Any:
    if 1 <= int(number) <= len(items):
        return items[int(number) - 1]
    raise Problem(404, "no such resource")


def add_booking(room: str, document: Any) -> Booking:
    """Check everything, then store; the caller holds the lock."""
    if room not in ROOMS:
        raise Problem(404, f"no room {room}")
    check_fields(document, "night", "guest", "party")
    night = check_night(document)
    guest = check_text(document, "guest", r"\S.{0,79}")
    party = check_party(document, room)
    for other in BOOKINGS:
        if (other.room, other.night, other.reason) == (room, night, None):
            raise Problem(409, f"room {room} is taken on {night}")
    booking = Booking(len(BOOKINGS) + 1, room, night, guest, party)
    BOOKINGS.append(booking)
    return booking


def post_booking(request: Request) -> Response:
    with LOCK:
        booking = add_booking(request.params[0], request.document)
        headers = {"Location": booking.uri, "ETag": booking.etag}
        return Response(201, booking.represent(), headers)


# --8<-- [start:show]
def patch_booking(request: Request) -> Response:
    with LOCK:  # compare and write are one step
        booking = find(BOOKINGS, request.params[0])
        check_version(request.if_match, booking.etag)
        if booking.reason is not None:
            raise Problem(409, "a canceled booking cannot change")
        check_fields(request.document, "party")
        booking.party = check_party(request.document, booking.room)
        booking.version += 1
        return Response(200, booking.represent(), {"ETag": booking.etag})


def check_version(if_match: str | None, etag: str) -> None:
    if if_match is None:
        raise Problem(428, "send If-Match")
    tags = [tag.strip() for tag in if_match.split(",")]
    if "*" not in tags and etag not in tags:  # W/"1" is never equal to "1"
        raise Problem(412, f"it is now {etag}")


def book_item(item: Any) -> dict[str, Any]:
    """Answer one item as if it had come alone, under the client's reference."""
    ref = item.get("ref") if isinstance(item, dict) else None
    try:
        check_fields(item, "ref", "room", "booking")
        with LOCK:
            booking = add_booking(
                check_text(item, "room", r"[0-9]+"), item.get("booking")
            )
        return {"ref": ref, "status": 201, "location": booking.uri}
    except Problem as problem:
        return {"ref": ref, "status": problem.status, "detail": problem.detail}


def get_job(request: Request) -> Response:
    with LOCK:
        job = find(JOBS, request.params[0])
        if job["status"] == "done":
            return Response(303, job, {"Location": job["links"]["result"]})
        return Response(200, job, {"Retry-After": "1"})


# --8<-- [end:show]


def post_batch(request: Request) -> Response:
    check_fields(request.document, "items")
    items = request.document.get("items")
    if not isinstance(items, list) or not 1 <= len(items) <= MAX_BATCH:
        raise Problem(422, f"send 1 to {MAX_BATCH} items")
    return Response(207, {"results": [book_item(item) for item in items]})


def post_report(request: Request) -> Response:
    check_fields(request.document, "month")
    month = check_text(request.document, "month", r"[0-9]{4}-(0[1-9]|1[0-2])")
    with LOCK:  # the job is stored before it is promised
        uri = f"/jobs/{len(JOBS) + 1}"
        JOBS.append({"status": "queued", "month": month, "links": {"self": uri}})
        return Response(202, JOBS[-1], {"Location": uri, "Retry-After": "1"})


def run_worker() -> None:
    """Finish every queued job; a real worker runs beside the API."""
    with LOCK:
        for index, job in enumerate(JOBS):
            if job["status"] == "queued":
                month, links = job["month"], job["links"]
                REPORTS.append({"month": month, "nights": count_nights(month)})
                links = {**links, "result": f"/reports/{len(REPORTS)}"}
                JOBS[index] = {"status": "done", "month": month, "links": links}


def count_nights(month: str) -> int:
    return sum(
        booking.reason is None and booking.night.startswith(month)
        for booking in BOOKINGS
    )


def put_cancellation(request: Request) -> Response:
    check_fields(request.document, "reason")
    reason = check_text(request.document, "reason", r"\S.{0,79}")
    with LOCK:
        booking = find(BOOKINGS, request.params[0])
        if booking.reason is not None and booking.reason != reason:
            raise Problem(409, "canceled for another reason")
        status = 201 if booking.reason is None else 200
        if booking.reason is None:
            booking.reason = reason
            booking.version += 1
        return Response(status, {"reason": reason, "links": {"booking": booking.uri}})


def get_root(request: Request) -> Response:
    uris = {"batches": "/booking-batches", "reports": "/reports", "rooms": "/rooms"}
    return Response(200, {"links": uris})


def get_rooms(request: Request) -> Response:
    rooms = [
        {"id": room, "sleeps": sleeps, "links": {"bookings": f"/rooms/{room}/bookings"}}
        for room, sleeps in ROOMS.items()
    ]
    return Response(200, {"items": rooms})


def get_booking(request: Request) -> Response:
    with LOCK:
        booking = find(BOOKINGS, request.params[0])
        headers = {"ETag": booking.etag, "Cache-Control": "private, no-cache"}
        if request.if_none_match == booking.etag:
            return Response(304, None, headers)
        return Response(200, booking.represent(), headers)


def get_report(request: Request) -> Response:
    with LOCK:
        return Response(200, find(REPORTS, request.params[0]))


Handler = Callable[[Request], Response]
ROUTES: dict[str, dict[str, Handler]] = {
    r"/": {"GET": get_root},
    r"/rooms": {"GET": get_rooms},
    r"/rooms/([0-9]{1,9})/bookings": {"POST": post_booking},
    r"/bookings/([0-9]{1,9})": {"GET": get_booking, "PATCH": patch_booking},
    r"/bookings/([0-9]{1,9})/cancellation": {"PUT": put_cancellation},
    r"/booking-batches": {"POST": post_batch},
    r"/reports": {"POST": post_report},
    r"/reports/([0-9]{1,9})": {"GET": get_report},
    r"/jobs/([0-9]{1,9})": {"GET": get_job},
}


class Server(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = TIMEOUT

    def read_document(self) -> Any:
        length = self.headers.get("Content-Length", "0")
        if not re.fullmatch(r"[0-9]{1,9}", length) or self.headers["Transfer-Encoding"]:
            raise Problem(411, "send a Content-Length")
        if int(length) > MAX_BODY:
            raise Problem(413, f"at most {MAX_BODY} bytes")
        body = self.rfile.read(int(length))
        if self.command in ("GET", "HEAD", "DELETE"):
            return None
        expected = MERGE_PATCH if self.command == "PATCH" else JSON
        if self.headers.get_content_type() != expected:
            raise Problem(415, f"send {expected}")
        try:
            return json.loads(body)
        except (ValueError, RecursionError):
            raise Problem(400, "not JSON") from None

    def dispatch(self) -> Response:
        for pattern, methods in ROUTES.items():
            if match := re.fullmatch(pattern, self.path.partition("?")[0]):
                method = "GET" if self.command == "HEAD" else self.command
                if method not in methods:
                    implied = {"HEAD"} if "GET" in methods else set()
                    allow = ", ".join(sorted(set(methods) | implied))
                    document = {"status": 405, "title": "Method Not Allowed"}
                    return Response(405, document, {"Allow": allow})
                return methods[method](
                    Request(
                        match.groups(),
                        self.headers["If-Match"],
                        self.headers["If-None-Match"],
                        self.document,
                    )
                )
        raise Problem(404, "no such resource")

    def answer(self) -> None:
        try:
            self.document = self.read_document()
            response = self.dispatch()
        except Problem as problem:
            document = {"status": problem.status, "detail": problem.detail}
            response = Response(problem.status, document)
            self.close_connection = problem.status in (411, 413)  # body not read
        body = b""
        if response.document is not None:
            body = json.dumps(response.document, separators=(",", ":")).encode()
        failed = response.status >= 400
        self.send_response(response.status)
        for name, value in response.headers.items():
            self.send_header(name, value)
        if body:
            self.send_header(
                "Content-Type", "application/problem+json" if failed else JSON
            )
        if response.status != 304:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = answer  # noqa: N815

    def log_message(self, format: str, *args: object) -> None:
        """Keep the transcript to what the client sees."""


class Hotel(ThreadingHTTPServer):
    request_queue_size = 32  # room for ten clients at once


@dataclass
class Answer:
    status: int
    headers: Message
    document: Any


class Client:
    """Sends requests and never follows a redirect by itself."""

    def __init__(self, port: int) -> None:
        self.port = port

    def send(
        self,
        method: str,
        uri: str,
        document: Any = None,
        headers: dict[str, str] | None = None,
    ) -> Answer:
        headers, body = dict(headers or {}), None
        if document is not None:
            headers["Content-Type"] = MERGE_PATCH if method == "PATCH" else JSON
            body = json.dumps(document)
        connection = HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT)
        try:
            connection.request(method, uri, body, headers)
            response = connection.getresponse()
            content = response.read()
        finally:
            connection.close()
        received = json.loads(content) if content else None
        return Answer(response.status, response.headers, received)

    def show(
        self,
        method: str,
        uri: str,
        document: Any = None,
        headers: dict[str, str] | None = None,
        note: Callable[[Any], str] | None = None,
    ) -> Answer:
        """Send one request and print one line about it."""
        answer = self.send(method, uri, document, headers)
        words = [f"{name} {value}" for name, value in (headers or {}).items()]
        for name in ("Location", "ETag", "Allow", "Retry-After"):
            if name in answer.headers:
                words.append(f"{name} {answer.headers[name]}")
        if answer.status >= 400 and "detail" in answer.document:
            words.append(answer.document["detail"])
        if note is not None:
            words.append(note(answer.document))
        print(f"  {method:<6} {uri:<24} {answer.status} {'; '.join(words)}".rstrip())
        return answer


def links_of(document: Any) -> str:
    return "links " + " ".join(sorted(document["links"]))


def tour(client: Client) -> None:
    print('1. Only "/" is known; every other URI comes from a response')
    root = client.show("GET", "/", note=links_of).document["links"]
    rooms = client.show(
        "GET",
        root["rooms"],
        note=lambda document: ", ".join(
            f"room {room['id']} sleeps {room['sleeps']}" for room in document["items"]
        ),
    ).document["items"]

    print("2. Create in the nested collection, read at the booking's own URI")
    ada = {"night": "2027-03-01", "guest": "Ada", "party": 2}
    bookings = rooms[0]["links"]["bookings"]
    created = client.show("POST", bookings, ada).headers
    booking, tag = created["Location"], created["ETag"]
    client.show("GET", booking, note=links_of)
    client.show("GET", booking, headers={"If-None-Match": tag})
    client.show("POST", bookings, ada)
    client.show("DELETE", booking)

    print("3. Two editors, then ten at once, each holding the same ETag")
    changed = client.show("PATCH", booking, {"party": 3}, {"If-Match": tag})
    client.show("PATCH", booking, {"party": 1}, {"If-Match": tag})
    client.show("PATCH", booking, {"party": 1})
    tag = changed.headers["ETag"]
    race(client, booking, {"party": 4}, {"If-Match": tag})
    latest = client.show(
        "GET", booking, note=lambda document: f"party {document['party']}"
    ).document

    print("4. An action is a resource, and PUT makes its retry harmless")
    cancellation = latest["links"]["cancellation"]
    for _ in range(2):
        client.show("PUT", cancellation, {"reason": "ill"})
    client.show("GET", booking, note=links_of)

    print("5. One batch, one result per item")
    bob = {"night": "2027-03-02", "guest": "Bob", "party": 2}
    items = [
        {"ref": "a", "room": "7", "booking": bob},
        {"ref": "b", "room": "8", "booking": {**bob, "party": 9}},
        {"ref": "c", "room": "7", "booking": bob},
    ]
    batch = client.show("POST", root["batches"], {"items": items}).document
    for result in batch["results"]:
        outcome = result.get("location") or result["detail"]
        print(f"         item {result['ref']:<19} {result['status']} {outcome}")

    print("6. A slow report: accepted, watched, found")
    accepted = client.show("POST", root["reports"], {"month": "2027-03"})
    monitor = accepted.headers["Location"]
    client.show("GET", monitor, note=lambda job: job["status"])
    run_worker()
    print("         (the worker runs)")
    done = client.show("GET", monitor, note=lambda job: job["status"])
    client.show(
        "GET",
        done.headers["Location"],
        note=lambda report: f"{report['month']}: nights {report['nights']}",
    )


def race(client: Client, uri: str, document: Any, headers: dict[str, str]) -> None:
    """Send ten equal PATCH requests at the same moment and count the answers."""
    with ThreadPoolExecutor(10) as pool:
        rivals = [
            pool.submit(client.send, "PATCH", uri, document, headers) for _ in range(10)
        ]
        counts = Counter(rival.result().status for rival in rivals)
    tally = ", ".join(f"{counts[status]} x {status}" for status in sorted(counts))
    print(f"  PATCH  {uri:<24} {tally}; If-Match {headers['If-Match']}")


def main() -> None:
    server = Hotel(("127.0.0.1", 0), Server)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        tour(Client(server.server_port))
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


if __name__ == "__main__":
    main()
