"""An origin, a shared cache in front of it, and clients: real HTTP, injected clock."""

import hashlib
import http.client
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer

Headers = dict[str, str]  # names in lower case
TIMEOUT = 5  # seconds


@dataclass
class Request:
    method: str
    path: str
    headers: Headers


@dataclass
class Response:
    status: int
    headers: Headers
    body: str = ""


def directives(value: str) -> Headers:
    pairs = (part.strip().lower().partition("=") for part in value.split(","))
    return {name: argument for name, _, argument in pairs if name}


def may_store(request: Request, response: Response) -> bool:
    rules = directives(response.headers.get("cache-control", ""))
    if response.status != 200 or response.headers.get("vary") == "*":
        return False
    if "no-store" in rules or "private" in rules:
        return False
    if "authorization" in request.headers:  # somebody's credentials
        return any(name in rules for name in ("public", "s-maxage", "must-revalidate"))
    return any(name in rules for name in ("public", "max-age", "s-maxage", "no-cache"))


@dataclass
class Stored:
    """A response, and the values of the request headers that its Vary names."""

    request: Request
    response: Response
    at: int  # received, or last validated

    @property
    def rules(self) -> Headers:
        return directives(self.response.headers["cache-control"])

    @property
    def lifetime(self) -> int:
        if "no-cache" in self.rules:
            return 0
        return int(self.rules.get("s-maxage") or self.rules.get("max-age") or 0)

    @property
    def grace(self) -> int:
        # What must be validated has none; s-maxage includes proxy-revalidate.
        strict = ("no-cache", "must-revalidate", "proxy-revalidate", "s-maxage")
        if any(name in self.rules for name in strict):
            return 0
        return int(self.rules.get("stale-while-revalidate") or 0)

    def matches(self, request: Request) -> bool:
        names = directives(self.response.headers.get("vary", ""))
        old, new = self.request.headers, request.headers
        return all(old.get(name) == new.get(name) for name in names)


@dataclass
class SharedCache:
    fetch: Callable[[Request], Response]
    clock: Callable[[], int]
    stored: dict[str, list[Stored]] = field(default_factory=dict)
    later: list[Callable[[], Response]] = field(default_factory=list)

    def serve(self, kept: Stored, status: str) -> Response:
        age = str(self.clock() - kept.at)
        copy = Response(200, {**kept.response.headers, "age": age}, kept.response.body)
        return mark(copy, status)

    # --8<-- [start:show]
    def handle(self, request: Request) -> Response:
        if request.method != "GET":
            response = self.fetch(request)
            if response.status < 400:  # a successful write: forget the copies
                self.stored.pop(request.path, None)
            return mark(response, "fwd=method")
        variants = self.stored.setdefault(request.path, [])
        kept = next((each for each in variants if each.matches(request)), None)
        if kept is None:
            return self.forward(request, "vary-miss" if variants else "uri-miss")
        left = kept.lifetime - (self.clock() - kept.at)
        if left > 0:
            return self.serve(kept, f"hit; ttl={left}")
        if -left < kept.grace:  # answer now, ask the origin after
            self.later.append(lambda: self.validate(kept, request))
            return self.serve(kept, f"hit; ttl={left}")
        return self.validate(kept, request)

    def forward(self, request: Request, why: str) -> Response:
        response = self.fetch(request)
        if not may_store(request, response):
            return mark(response, f"fwd={why}")
        variants = self.stored.setdefault(request.path, [])
        variants.append(Stored(request, response, self.clock()))
        return mark(response, f"fwd={why}; stored")

    def validate(self, kept: Stored, request: Request) -> Response:
        """Ask "is it still this?"; a 304 costs no body and starts a new lifetime."""
        etag = kept.response.headers.get("etag", "")
        headers = {**request.headers, "if-none-match": etag}
        response = self.fetch(Request("GET", request.path, headers))
        if response.status == 304:
            kept.response.headers.update(response.headers)
            kept.at = self.clock()
            return self.serve(kept, "fwd=stale; fwd-status=304")
        self.stored[request.path].remove(kept)
        if may_store(request, response):
            self.stored[request.path].append(Stored(request, response, self.clock()))
        return mark(response, f"fwd=stale; fwd-status={response.status}")

    # --8<-- [end:show]


def mark(response: Response, status: str) -> Response:
    headers = {**response.headers, "cache-status": f"Toy; {status}"}
    return Response(response.status, headers, response.body)


class Origin:
    """Seven resources, each with its own policy; counts what reaches it."""

    def __init__(self) -> None:
        self.hits = 0
        self.price = "5.00"

    def handle(self, request: Request) -> Response:
        self.hits += 1
        if request.method == "POST":
            self.price = "7.00"
            return Response(204, {})
        user = request.headers.get("authorization", "Sample nobody").split()[-1]
        language = request.headers.get("accept-language", "en")
        policy, body = {
            "/price": ("max-age=60, stale-while-revalidate=30", self.price),
            "/list": ("max-age=5, s-maxage=60", {"de": "Tee", "en": "tea"}[language]),
            "/news": ("no-cache", "news"),
            "/me": ("private, max-age=60", user),
            "/balance": ("no-store", "90.00"),
            "/orders": ("max-age=60", f"{user}'s"),
            "/public": ("public, max-age=60", f"{user}'s"),
        }[request.path]
        etag = '"' + hashlib.sha256(body.encode()).hexdigest()[:8] + '"'
        headers = {"cache-control": policy, "etag": etag}
        if request.path == "/list":
            headers["vary"] = "accept-language"
        if request.headers.get("if-none-match") == etag:
            return Response(304, headers)
        return Response(200, headers, body)


def client(port: int) -> Callable[[Request], Response]:
    def send(request: Request) -> Response:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT)
        try:
            connection.request(request.method, request.path, headers=request.headers)
            answer = connection.getresponse()
            headers = {name.lower(): value for name, value in answer.getheaders()}
            for own in ("server", "date", "content-length", "connection"):
                headers.pop(own, None)
            return Response(answer.status, headers, answer.read().decode())
        finally:
            connection.close()

    return send


@contextmanager
def serving(
    handle: Callable[[Request], Response],
    later: list[Callable[[], Response]],
    turn: threading.Lock,
) -> Iterator[int]:
    """Serve one request a turn; what it leaves for later runs after its answer."""

    class Handler(BaseHTTPRequestHandler):
        timeout = TIMEOUT

        def answer(self) -> None:
            with turn:
                self.respond()
                while later:
                    later.pop()()

        def respond(self) -> None:
            names = ("authorization", "accept-language", "if-none-match")
            headers = {n: self.headers[n] for n in names if n in self.headers}
            response = handle(Request(self.command, self.path, headers))
            self.send_response(response.status)
            for name, value in response.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(response.body.encode())))
            self.end_headers()
            self.wfile.write(response.body.encode())
            self.wfile.flush()

        do_GET = do_POST = answer  # noqa: N815

        def log_message(self, format: str, *args: object) -> None:
            """Keep stderr quiet."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


STEPS = [
    (0, "GET /price", {}),
    (59, "GET /price", {}),
    (70, "GET /price", {}),
    (71, "GET /price", {}),
    (72, "POST /price", {}),
    (73, "GET /price", {}),
    (74, "GET /list", {"accept-language": "en"}),
    (75, "GET /list", {"accept-language": "de"}),
    (76, "GET /list", {"accept-language": "en"}),
    (77, "GET /news", {}),
    (78, "GET /news", {}),
    (79, "GET /me", {"authorization": "Sample ada"}),
    (80, "GET /balance", {}),
    (81, "GET /balance", {}),
    (82, "GET /orders", {"authorization": "Sample ada"}),
    (83, "GET /orders", {"authorization": "Sample ben"}),
    (84, "GET /public", {"authorization": "Sample ada"}),
    (85, "GET /public", {"authorization": "Sample ben"}),
]


def main() -> None:
    now, origin, turn = 0, Origin(), threading.Lock()
    with serving(origin.handle, [], threading.Lock()) as origin_port:
        cache = SharedCache(client(origin_port), lambda: now)
        with serving(cache.handle, cache.later, turn) as cache_port:
            send = client(cache_port)
            print("  s  request          body   age  Cache-Status: Toy; ...     origin")
            for now, line, headers in STEPS:
                if now == 70:
                    origin.price = "6.00"
                method, path = line.split()
                answer = send(Request(method, path, headers))
                who = (headers or {"": ""}).popitem()[1].split(" ")[-1]
                status = answer.headers["cache-status"].removeprefix("Toy; ")
                age = answer.headers.get("age", "")
                body = answer.body or answer.status
                with turn:  # what was left for later is done
                    hits = origin.hits
                shown = f"{line} {who}"
                print(f"{now:>3}  {shown:<17}{body:<7}{age:>3}  {status:<28}{hits:>5}")


if __name__ == "__main__":
    main()
