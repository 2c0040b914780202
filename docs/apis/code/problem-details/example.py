"""One central error handler that answers problem details and leaks nothing."""

import http.client
import itertools
import json
import threading
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

STACK = 'File "'
TITLES = {
    "order-not-found": "No such order",
    "malformed-json": "Body is not JSON",
    "invalid-order": "Order is invalid",
    "coupon-used": "Coupon was already used",
    "try-again": "Temporarily unable, try again",
    "upstream-timeout": "The stock service did not answer in time",
    "upstream-invalid": "The stock service answered nonsense",
    "internal-error": "Something went wrong on our side",
}


class NotFoundError(Exception):
    """Domain: the message is written for the client."""


class InvalidError(Exception):
    """Domain: what is wrong, field by field."""

    def __init__(self, errors: list[dict[str, str]]) -> None:
        super().__init__("invalid order")
        self.errors = errors


class DatabaseError(Exception):
    """What a driver raises; the detail may hold personal data."""

    def __init__(self, sqlstate: str, message: str, detail: str = "") -> None:
        super().__init__(message)
        self.sqlstate = sqlstate
        self.constraint = message.split('"')[1] if '"' in message else ""
        self.detail = detail


class UpstreamError(Exception):
    """Another service broke its contract."""


class UpstreamTimeoutError(Exception):
    """Another service did not answer: a bare TimeoutError may be anybody's."""


@dataclass(frozen=True, slots=True)
class Entry:
    level: str
    request_id: str
    text: str


log: list[Entry] = []
numbers = itertools.count(1)
pool = ThreadPoolExecutor(1)


# --8<-- [start:show]
@dataclass(frozen=True, slots=True)
class Problem:
    status: int
    code: str
    level: str = "info"
    detail: str | None = None
    errors: list[dict[str, str]] | None = None
    retry_after: int | None = None


def classify(error: Exception) -> Problem:
    match error:
        case NotFoundError():
            return Problem(404, "order-not-found", detail=str(error))
        case InvalidError():
            return Problem(422, "invalid-order", errors=error.errors)
        case json.JSONDecodeError():
            return Problem(400, "malformed-json")
        case DatabaseError(sqlstate="23505", constraint="redemptions_pkey"):
            return Problem(409, "coupon-used")
        case DatabaseError(sqlstate="40P01" | "40001"):
            return Problem(503, "try-again", "warn", retry_after=1)
        case UpstreamTimeoutError():
            return Problem(504, "upstream-timeout", "warn")
        case UpstreamError():
            return Problem(502, "upstream-invalid", "error")
        case _:  # a bug, or something nobody thought of: say nothing
            return Problem(500, "internal-error", "error")


def central(handler: Callable[["Exchange"], None], exchange: "Exchange") -> None:
    try:
        handler(exchange)
    except Exception as error:
        problem = classify(error)
        text = f"{problem.code}: {error}"
        if problem.status == 500:
            text += "\n" + "".join(traceback.format_exception(error))
        log.append(Entry(problem.level, exchange.request_id, text))
        if exchange.started:  # a status is out: no second one
            exchange.abort()
        else:
            exchange.send_problem(problem)


# --8<-- [end:show]


def naive(handler: Callable[["Exchange"], None], exchange: "Exchange") -> None:
    """What many services do: the exception is the answer."""
    try:
        handler(exchange)
    except Exception as error:
        text = f"{error} {getattr(error, 'detail', '')}"
        text += "".join(traceback.format_exception(error))
        exchange.send(500, "application/json", json.dumps({"error": text}))


class Exchange(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 5
    started = False
    request_id = ""

    def do_GET(self) -> None:
        self.started = False
        self.request_id = f"req-{next(numbers):04}"
        wrapper = naive if self.headers.get("x-naive") else central
        wrapper(route, self)

    def do_POST(self) -> None:
        self.do_GET()

    def body(self) -> bytes:
        return self.rfile.read(min(int(self.headers["Content-Length"]), 4096))

    def send(self, status: int, content_type: str, text: str, retry: int = 0) -> None:
        content = text.encode()
        self.started = True
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(content)))
        if retry:
            self.send_header("Retry-After", str(retry))
        self.end_headers()
        self.wfile.write(content)

    def send_problem(self, problem: Problem) -> None:
        members = {
            "type": f"https://shop.test/problems/{problem.code}",
            "title": TITLES[problem.code],
            "status": problem.status,
            "detail": problem.detail,
            "errors": problem.errors,
            "request_id": self.request_id,
        }
        text = json.dumps({k: v for k, v in members.items() if v is not None})
        retry = problem.retry_after or 0
        self.send(problem.status, "application/problem+json", text, retry)

    def abort(self) -> None:
        """End without the last chunk: the client must not take it for complete."""
        self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:
        """Keep stderr quiet: the list is the log."""


def route(exchange: Exchange) -> None:
    match exchange.path:
        case "/orders/42":
            exchange.send(200, "application/json", '{"id":42}')
        case "/orders/999":
            raise NotFoundError("There is no order 999.")
        case "/orders":
            create(json.loads(exchange.body()))
            exchange.send(201, "application/json", "{}")
        case "/coupons":
            raise DatabaseError(
                "23505",
                'duplicate key, "redemptions_pkey": INSERT INTO redemptions',
                "Key (coupon, customer)=(HELLO, ada@example.com) already exists.",
            )
        case "/deadlock":
            raise DatabaseError("40P01", "deadlock detected")
        case "/stock/slow" | "/stock/odd":
            # The failure happens on another thread; result() raises it here.
            pool.submit(stock, exchange.path).result(timeout=5)
        case "/bug":
            raise RuntimeError("price list 10.0.3.7 not loaded")
        case "/export":
            exchange.started = True
            exchange.send_response(200)
            exchange.send_header("Transfer-Encoding", "chunked")
            exchange.end_headers()
            exchange.wfile.write(b"7\r\nid,qty\n\r\n")
            raise RuntimeError("row 8812 has no price")


def create(order: dict[str, object]) -> None:
    errors = []
    qty = order.get("qty")
    if type(qty) is not int or not 1 <= qty <= 99:
        errors.append({"pointer": "#/qty", "detail": "must be 1 to 99"})
    if "sku" not in order:
        errors.append({"pointer": "#/sku", "detail": "is required"})
    if errors:
        raise InvalidError(errors)


def stock(path: str) -> None:
    if path == "/stock/slow":
        raise UpstreamTimeoutError("no answer from 10.0.3.8 within 300 ms")
    raise UpstreamError("10.0.3.8 answered HTML")


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    content_type: str
    retry_after: str | None
    text: str
    complete: bool = True


def call(port: int, path: str, body: str = "", naively: bool = False) -> Answer:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    headers = {"x-naive": "yes"} if naively else {}
    try:
        connection.request("POST" if body else "GET", path, body or None, headers)
        response = connection.getresponse()
        kind = response.headers["Content-Type"] or ""
        retry = response.headers["Retry-After"]
        try:
            text = response.read().decode()
        except http.client.IncompleteRead as error:
            return Answer(response.status, kind, retry, error.partial.decode(), False)
        return Answer(response.status, kind, retry, text)
    finally:
        connection.close()


REQUESTS = (
    ("read", "/orders/42", ""),
    ("unknown order", "/orders/999", ""),
    ("broken JSON", "/orders", '{"sku":'),
    ("two bad fields", "/orders", '{"qty":0}'),
    ("coupon used twice", "/coupons", ""),
    ("deadlock victim", "/deadlock", ""),
    ("stock service slow", "/stock/slow", ""),
    ("stock service odd", "/stock/odd", ""),
    ("bug", "/bug", ""),
    ("bug after headers", "/export", ""),
)


def table(port: int) -> None:
    print("request               status  problem           with            log")
    matching = problems = 0
    for label, path, body in REQUESTS:
        before = len(log)
        answer = call(port, path, body)
        level = log[-1].level if len(log) > before else "-"
        code, extra = "-", "-"
        if answer.content_type == "application/problem+json":
            document = json.loads(answer.text)
            code = document["type"].rpartition("/")[2]
            problems += 1
            logged = log[-1].request_id == document["request_id"]
            matching += logged and document["status"] == answer.status
            if "errors" in document:
                extra = f"{len(document['errors'])} errors"
            if answer.retry_after:
                extra = f"Retry-After: {answer.retry_after}"
        if not answer.complete:
            extra = "body cut off"
        print(f"  {label:<20}{answer.status:<8}{code:<18}{extra:<16}{level}")
    print(f"status and request id agree with the log: {matching} of {problems}\n")


def leaks(port: int) -> None:
    print("inside information    naive answer  our answer  our log")
    for word, path in (
        ("INSERT INTO", "/coupons"),
        ("redemptions_pkey", "/coupons"),
        ("ada@example.com", "/coupons"),
        ("10.0.3.7", "/bug"),
        ("stack frame", "/bug"),
    ):
        needle = json.dumps(STACK)[1:-1] if word == "stack frame" else word
        bad = "leaked" if needle in call(port, path, naively=True).text else "absent"
        good = "leaked" if needle in call(port, path).text else "absent"
        needle = STACK if word == "stack frame" else word
        kept = "kept" if needle in log[-1].text else "absent"
        print(f"  {word:<20}{bad:<14}{good:<12}{kept}")


def main() -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Exchange)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        table(server.server_port)
        leaks(server.server_port)
    finally:
        server.shutdown()
        server.server_close()
        pool.shutdown()


if __name__ == "__main__":
    main()
