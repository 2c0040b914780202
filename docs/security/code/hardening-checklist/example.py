"""A deliberately vulnerable API, and a checklist that turns green."""

import hmac
from collections.abc import Callable
from dataclasses import dataclass, field

STAGES = [  # each adds one control
    "nothing",
    "object check",
    "field list",
    "plain errors",
    "account lockout",
    "known devices",
    "headers",
    "fail closed",
]
HEADERS = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "strict-transport-security": "max-age=31536000",
    "x-content-type-options": "nosniff",
}
MAX_FAILURES = 20  # in 15 minutes; here the clock stands still


class PolicyDown(Exception):  # noqa: N818
    """The service that knows who may refund does not answer."""


class DatabaseError(Exception):
    """Its text is meant for the log."""


@dataclass
class Request:
    method: str
    path: str
    user: str = ""  # from the verified session
    device: str = ""  # from a signed cookie of an earlier login
    body: dict[str, str] = field(default_factory=dict)


@dataclass
class Response:
    status: int
    body: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)


def load_order(number: str) -> dict[str, str] | None:
    if not number.isdigit():
        raise DatabaseError(f"no column {number}: SELECT * FROM orders WHERE id = ...")
    orders = {"41": "ben", "42": "ada"}
    owner = orders.get(number)
    return {"id": number, "owner": owner} if owner else None


class App:
    def __init__(self, controls: set[str], policy: Callable[[str], bool]) -> None:
        self.controls = controls
        self.policy = policy
        self.users = {
            "ada": {"name": "Ada", "role": "customer", "password": "sample-0500"},
        }
        self.devices = {("ada", "laptop")}
        self.failures: dict[tuple[str, str], int] = {}  # in service: shared, expiring

    def has(self, control: str) -> bool:
        return control in self.controls

    def verify(self, account: str, password: str) -> bool:
        """Stand for the slow password hash."""
        known = self.users.get(account, {"password": ""})["password"]
        return hmac.compare_digest(known.encode(), password.encode()) and known != ""

    # --8<-- [start:show]
    def handle(self, request: Request) -> Response:
        try:
            response = self.route(request)
        except Exception as error:  # in service: logged, with the request id
            text = "internal error" if self.has("plain errors") else str(error)
            response = Response(500, {"detail": text})
        if self.has("headers"):  # here, and thus on errors too
            response.headers |= HEADERS
        return response

    def order(self, request: Request, number: str) -> Response:
        order = load_order(number)
        if order is None:
            return Response(404)
        if self.has("object check") and order["owner"] != request.user:
            return Response(404)  # as if it did not exist
        return Response(200, order)

    def profile(self, request: Request) -> Response:
        if self.has("field list") and request.body.keys() - {"name"}:
            return Response(422)
        self.users[request.user].update(request.body)
        return Response(204)

    def login(self, request: Request) -> Response:
        account = request.body["account"]
        slot = (account, "everybody")
        if self.has("known devices"):  # strangers use up the strangers' attempts
            known = (account, request.device) in self.devices
            slot = (account, request.device if known else "stranger")
        limited = self.has("account lockout")
        if limited and self.failures.get(slot, 0) >= MAX_FAILURES:
            return Response(429, headers={"retry-after": "900"})
        if not self.verify(account, request.body["password"]):
            self.failures[slot] = self.failures.get(slot, 0) + 1
            return Response(401)
        self.failures.pop(slot, None)
        return Response(204)

    def refund(self, request: Request) -> Response:
        try:
            allowed = self.policy(request.user)
        except PolicyDown:
            if self.has("fail closed"):
                return Response(503)
            allowed = True  # "customers must not suffer from our outage"
        return Response(204 if allowed else 403)

    # --8<-- [end:show]

    def route(self, request: Request) -> Response:
        match (request.method, request.path.split("/")[1:]):
            case ("GET", ["orders", number]):
                return self.order(request, number)
            case ("PATCH", ["profile"]):
                return self.profile(request)
            case ("POST", ["login"]):
                return self.login(request)
            case ("POST", ["refunds"]):
                return self.refund(request)
            case _:
                return Response(404)


def only_support(user: str) -> bool:
    return user == "sam"


def down(user: str) -> bool:
    raise PolicyDown


def attempt(app: App, password: str, device: str = "") -> int:
    body = {"account": "ada", "password": password}
    return app.handle(Request("POST", "/login", device=device, body=body)).status


# An attack returns whether it worked.


def read_another_order(app: App) -> bool:
    return app.handle(Request("GET", "/orders/41", user="ada")).status == 200


def become_admin(app: App) -> bool:
    app.handle(Request("PATCH", "/profile", user="ada", body={"role": "admin"}))
    return app.users["ada"]["role"] == "admin"


def learn_from_error(app: App) -> bool:
    response = app.handle(Request("GET", "/orders/x", user="ada"))
    return "SELECT" in response.body.get("detail", "")


def guess_password(app: App) -> bool:
    return any(attempt(app, f"sample-{n:04}") == 204 for n in range(1000))


def lock_owner_out(app: App) -> bool:
    for _ in range(1000):
        attempt(app, "wrong")
    return attempt(app, "sample-0500", device="laptop") != 204


def sniff_or_cache(app: App) -> bool:
    response = app.handle(Request("GET", "/orders/x", user="ada"))
    return any(response.headers.get(name) != HEADERS[name] for name in HEADERS)


def refund_in_outage(app: App) -> bool:
    app.policy = down
    return app.handle(Request("POST", "/refunds", user="ada")).status == 204


ATTACKS = {
    "read another's order": read_another_order,
    "become admin": become_admin,
    "learn from an error": learn_from_error,
    "guess a password": guess_password,
    "lock the owner out": lock_owner_out,
    "sniff or cache a reply": sniff_or_cache,
    "refund in an outage": refund_in_outage,
}


def honest_use(app: App) -> bool:
    rename = Request("PATCH", "/profile", user="ada", body={"name": "Ada L."})
    statuses = [
        attempt(app, "typo", device="laptop"),
        attempt(app, "sample-0500", device="laptop"),
        app.handle(Request("GET", "/orders/42", user="ada")).status,
        app.handle(rename).status,
        app.handle(Request("POST", "/refunds", user="sam")).status,
        app.handle(Request("POST", "/refunds", user="ada")).status,
    ]
    return statuses == [401, 204, 200, 204, 204, 403]


def main() -> None:
    def app(stage: int) -> App:
        return App(set(STAGES[1 : stage + 1]), only_support)

    def row(label: str, cells: list[str]) -> None:
        print(f"{label:<24}" + "".join(f"{cell:>6}" for cell in cells))

    for stage, control in enumerate(STAGES):
        print(f"stage {stage}: {'+ ' if stage else ''}{control}")
    row("attack at stage", [str(stage) for stage in range(len(STAGES))])
    for name, attack in ATTACKS.items():
        results = [attack(app(stage)) for stage in range(len(STAGES))]
        row(name, ["OPEN" if each else "shut" for each in results])
    works = [honest_use(app(stage)) for stage in range(len(STAGES))]
    row("honest use", ["works" if each else "FAILS" for each in works])


if __name__ == "__main__":
    main()
