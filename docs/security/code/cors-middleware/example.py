"""Probe a CORS middleware the way browsers and attackers would."""

import re
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

App = Callable[..., Iterable[bytes]]
Headers = dict[str, str]

APP = "https://app.shop.test"
ADMIN = "https://admin.shop.test"
EVIL = "https://evil.test"
SAFELISTED = ("GET", "HEAD", "POST")


@dataclass(frozen=True, slots=True)
class Policy:
    """Who may read, and what a preflight may promise them."""

    origins: tuple[str, ...]
    methods: str = "GET, POST, PATCH"
    headers: str = "Authorization, Content-Type"
    exposed: str = "X-Total-Count"
    max_age: str = "600"

    def __post_init__(self) -> None:
        for origin in self.origins:
            if not re.fullmatch(r"https?://[a-z0-9.-]+(:\d+)?", origin):
                raise ValueError(f"not an origin: {origin}")


# --8<-- [start:show]
def cors(policy: Policy, app: App) -> App:
    def middleware(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        origin = environ.get("HTTP_ORIGIN", "")
        allowed = origin in policy.origins  # the whole string, never a pattern
        extra = [("Vary", "Origin")]  # also when refused, also without Origin
        if allowed:
            extra.append(("Access-Control-Allow-Origin", origin))
            extra.append(("Access-Control-Allow-Credentials", "true"))

        asked = environ.get("HTTP_ACCESS_CONTROL_REQUEST_METHOD")
        if environ["REQUEST_METHOD"] == "OPTIONS" and origin and asked:
            if not allowed:
                start_response("403 Forbidden", [*extra, ("Content-Length", "0")])
                return []
            extra.append(("Access-Control-Allow-Methods", policy.methods))
            extra.append(("Access-Control-Allow-Headers", policy.headers))
            extra.append(("Access-Control-Max-Age", policy.max_age))
            start_response("204 No Content", extra)
            return []

        if allowed:
            extra.append(("Access-Control-Expose-Headers", policy.exposed))

        def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            return start_response(status, headers + extra, *rest)

        return app(environ, start)

    return middleware


def may_read(headers: Headers, origin: str, credentials: bool) -> bool:
    """The browser's half: the CORS check of the Fetch Standard."""
    allow = headers.get("access-control-allow-origin")
    if allow == "*" and not credentials:
        return True
    if allow != origin:
        return False
    return not credentials or headers.get("access-control-allow-credentials") == "true"


# --8<-- [end:show]


def orders_app() -> App:
    """An API that knows nothing of CORS: its OPTIONS answers with Allow."""
    orders: list[bytes] = []

    def app(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        headers = [("X-App", "orders"), ("Cache-Control", "max-age=60")]
        match environ["REQUEST_METHOD"]:
            case "GET":
                headers.append(("X-Total-Count", str(len(orders))))
                headers.append(("Content-Length", "2"))
                start_response("200 OK", headers)
                return [b"{}"]
            case "POST":
                length = min(int(environ["CONTENT_LENGTH"] or 0), 1024)
                orders.append(environ["wsgi.input"].read(length))
                start_response("201 Created", [*headers, ("Content-Length", "0")])
            case "PATCH":
                start_response("204 No Content", headers)
            case "OPTIONS":
                headers.append(("Allow", "GET, POST, PATCH, OPTIONS"))
                start_response("204 No Content", headers)
            case _:
                start_response("405 Method Not Allowed", headers)
        return []

    return app


class QuietHandler(WSGIRequestHandler):
    timeout = 5

    def log_message(self, format: str, *args: object) -> None:
        """Keep stderr quiet: the table is the log."""


@dataclass(frozen=True, slots=True)
class Response:
    status: int
    headers: Headers


class Probe:
    """Sends one request at a time and prints what came back."""

    def __init__(self, port: int) -> None:
        self.port = port

    def send(self, method: str, origin: str, headers: Headers) -> Response:
        if origin:
            headers = {**headers, "Origin": origin}
        body = b"{}" if method == "POST" else None
        connection = HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request(method, "/orders", body, headers)
            answer = connection.getresponse()
            answer.read()
            names = {name.lower() for name in answer.headers}
            joined = {n: ", ".join(answer.headers.get_all(n, [])) for n in names}
            return Response(answer.status, joined)
        finally:
            connection.close()

    def row(self, method: str, origin: str, headers: Headers) -> None:
        answer = self.send(method, origin, headers)
        preflight = "Access-Control-Request-Method" in headers
        verdict = preflight_verdict if preflight else read_verdict
        allow = answer.headers.get("access-control-allow-origin")
        label = origin or "(no Origin: curl)"
        if preflight:
            label = " ".join(headers.values()) + ("" if origin == APP else f" {origin}")
        elif method != "GET":
            label = f"{method} {origin or 'without Origin'}"
        echo = "absent" if allow is None else "echoed" if allow == origin else allow
        ran = "ran" if "x-app" in answer.headers else "skipped"
        result = verdict(answer, origin, headers)
        print(f"  {label:<33}{answer.status:<8}{echo:<8}{ran:<9}{result}")


def read_verdict(answer: Response, origin: str, _: Headers) -> str:
    if not origin:
        return "no browser"
    return "reads" if may_read(answer.headers, origin, True) else "blocked"


def preflight_verdict(answer: Response, origin: str, headers: Headers) -> str:
    if answer.status // 100 != 2 or not may_read(answer.headers, origin, True):
        return "origin refused"
    method = headers["Access-Control-Request-Method"]
    names = headers.get("Access-Control-Request-Headers", "").split(",")
    methods = listed(answer, "access-control-allow-methods")
    granted = [name.lower() for name in listed(answer, "access-control-allow-headers")]
    if method not in SAFELISTED and method not in methods:
        return "method refused"
    if any(name and name not in granted for name in names):
        return "header refused"
    return "sends"


def listed(answer: Response, name: str) -> list[str]:
    return [item.strip() for item in answer.headers.get(name, "").split(",")]


class SharedCache:
    """One stored answer per URL, as a CDN would keep it."""

    def __init__(self, probe: Probe, *, strip_vary: bool) -> None:
        self.probe = probe
        self.strip_vary = strip_vary
        self.stored: list[tuple[str, Response]] = []

    def get(self, origin: str) -> str:
        for stored_for, answer in self.stored:
            vary = "" if self.strip_vary else answer.headers.get("vary", "")
            if "Origin" not in vary or stored_for == origin:
                return "hit, " + read_verdict(answer, origin, {})
        answer = self.probe.send("GET", origin, {})
        self.stored.append((origin, answer))
        return "miss, " + read_verdict(answer, origin, {})


def check_policies() -> None:
    print("allow-list entry, checked at start-up")
    for origin in (APP, f"{APP}/", "*", "null"):
        try:
            Policy((origin,))
            print(f"  {origin:<33}accepted")
        except ValueError:
            print(f"  {origin:<33}refused")


def heading(title: str, last: str) -> None:
    print(f"\n{title:<35}status  ACAO    handler  {last}")


def experiment(probe: Probe) -> None:
    heading("GET from origin", "script")
    for origin in (
        APP,
        ADMIN,
        EVIL,
        "null",
        "https://app.shop.test.evil.test",
        "https://evilshop.test",
        "https://appxshop.test",
        "http://app.shop.test",
        "https://app.shop.test:8443",
        "",
    ):
        probe.row("GET", origin, {})

    heading("other methods", "script")
    probe.row("POST", EVIL, {"Content-Type": "text/plain"})
    probe.row("OPTIONS", APP, {})
    probe.row("OPTIONS", "", {})

    heading("preflight", "browser")
    for origin, method, names in (
        (APP, "PATCH", "content-type"),
        (APP, "DELETE", ""),
        (APP, "PATCH", "x-debug"),
        (EVIL, "PATCH", ""),
    ):
        headers = {"Access-Control-Request-Method": method}
        if names:
            headers["Access-Control-Request-Headers"] = names
        probe.row("OPTIONS", origin, headers)

    answer = probe.send("GET", APP, {})
    exposed = listed(answer, "access-control-expose-headers")
    print(f"\norders stored by the blocked POST: {answer.headers['x-total-count']}")
    for name in ("X-Total-Count", "X-App"):
        print(f"script sees {name}: {'yes' if name in exposed else 'no'}")
    star = {
        "access-control-allow-origin": "*",
        "access-control-allow-credentials": "true",
    }
    for credentials in (False, True):
        mode = "include" if credentials else "omit"
        verdict = "reads" if may_read(star, APP, credentials) else "blocked"
        print(f"ACAO: * with credentials {mode}: {verdict}")

    print(f"\n{'GET through a shared cache':<35}with Vary         without Vary")
    good = SharedCache(probe, strip_vary=False)
    bad = SharedCache(probe, strip_vary=True)
    for origin in ("", APP, ADMIN, APP):
        label = origin or "(no Origin: curl)"
        print(f"  {label:<33}{good.get(origin):<18}{bad.get(origin)}")


def main() -> None:
    check_policies()
    app = cors(Policy((APP, ADMIN)), orders_app())
    server = make_server("127.0.0.1", 0, app, handler_class=QuietHandler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        experiment(Probe(server.server_port))
    finally:
        server.shutdown()
        server.server_close()


if __name__ == "__main__":
    main()
