"""The orders service: release 1 with two holes and a forgotten route, 2 repaired."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler

MAX_BODY = 1024  # bytes


@dataclass(frozen=True, slots=True)
class User:
    name: str
    role: str
    tenant: str


@dataclass(slots=True)
class Order:
    owner: User
    note: str = ""
    refunded: bool = False


USERS = (
    User("ada", "customer", "red"),
    User("bob", "customer", "red"),
    User("eve", "customer", "blue"),
    User("sam", "support", "red"),
    User("kim", "admin", "red"),
)
Handler = Callable[[User, str], int]


class Service:
    """Who calls is settled before a handler runs; what they may do is not."""

    def __init__(self, release: int) -> None:
        self._release = release
        self._tokens = {f"Bearer sample-{user.name}": user for user in USERS}
        self.table: dict[str, Handler] = {
            "GET /orders/{id}": self._read,
            "PATCH /orders/{id}": self._change,
            "DELETE /orders/{id}": self._delete,
            "POST /orders/{id}/refund": self._refund,
        }
        if release == 1:
            self.table["GET /orders/{id}/export"] = self._read
        self.reset()

    def reset(self) -> None:
        self.orders = {f"order-of-{user.name}": Order(user) for user in USERS}

    def answer(self, method: str, path: str, token: str) -> int:
        user = self._tokens.get(token)
        if user is None:
            return 401
        _, _, order_id, *rest = path.split("/")
        route = "/".join([f"{method} /orders/{{id}}", *rest])
        handler = self.table.get(route)
        return handler(user, order_id) if handler else 404

    def _visible(self, user: User, order_id: str) -> Order | None:
        order = self.orders.get(order_id)
        if order is None or order.owner.tenant != user.tenant:
            return None
        if user.role == "customer" and order.owner != user:
            return None
        return order

    def _read(self, user: User, order_id: str) -> int:
        return 200 if self._visible(user, order_id) else 404

    def _change(self, user: User, order_id: str) -> int:
        if self._release == 1:  # the hole: any order of the tenant will do
            order = self.orders.get(order_id)
            if order is None or order.owner.tenant != user.tenant:
                return 404
        else:
            order = self._visible(user, order_id)
            if order is None:
                return 404
        if user.role == "support":
            return 403
        order.note = f"changed by {user.name}"
        return 204

    def _delete(self, user: User, order_id: str) -> int:
        if not self._visible(user, order_id):
            return 404
        if user.role != "admin":
            return 403
        del self.orders[order_id]
        return 204

    def _refund(self, user: User, order_id: str) -> int:
        order = self._visible(user, order_id)
        if order is None:
            return 404
        if self._release == 1:
            order.refunded = True  # the hole: the work is done, then refused
        if user.role == "customer":
            return 403
        if user.role == "support" and order.owner == user:
            return 403  # nobody in support refunds their own order
        order.refunded = True
        return 204


def handler_for(service: Service) -> type[BaseHTTPRequestHandler]:
    class Endpoint(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 5  # seconds

        def serve(self) -> None:
            length = min(int(self.headers.get("Content-Length", "0")), MAX_BODY)
            self.rfile.read(length)
            token = self.headers.get("Authorization", "")
            status = service.answer(self.command, self.path, token)
            self.send_response(status)
            if status == 401:
                self.send_header("WWW-Authenticate", 'Bearer realm="orders"')
            sent = b"" if status == 204 else json.dumps({"status": status}).encode()
            if status != 204:
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(sent)))
            self.end_headers()
            self.wfile.write(sent)

        do_GET = do_PATCH = do_DELETE = do_POST = serve  # noqa: N815

        def log_message(self, format: str, *args: object) -> None:
            """Keep stderr quiet: the report is the log."""

    return Endpoint
