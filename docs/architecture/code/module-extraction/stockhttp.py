"""Stock over HTTP: the client behind the same interface, and the service."""

import http.client
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import quote, unquote

from stock import RefusedError, Stock, UnavailableError, UnknownError


# --8<-- [start:show]
class HttpStock:
    """What the network adds: a timeout, and two answers that are none."""

    def __init__(self, port: int, timeout: float) -> None:
        self._port, self._timeout = port, timeout

    def reserve(self, order: str, article: str, pieces: int) -> None:
        wish = {"article": article, "pieces": pieces}
        self._call("PUT", f"/reservations/{quote(order, safe='')}", wish)

    def release(self, order: str) -> None:
        self._call("DELETE", f"/reservations/{quote(order, safe='')}")

    def left(self, article: str) -> int:
        return self._call("GET", f"/articles/{quote(article, safe='')}")["left"]

    def _call(self, method: str, path: str, wish: dict | None = None) -> dict:
        connection = http.client.HTTPConnection(
            "127.0.0.1", self._port, timeout=self._timeout
        )
        try:
            connection.request(method, path, json.dumps(wish) if wish else None)
            answer = connection.getresponse()
            body = answer.read(10_000)
        except ConnectionRefusedError as error:
            raise UnavailableError(path) from error
        except (OSError, http.client.HTTPException) as error:
            raise UnknownError(path) from error
        finally:
            connection.close()
        if answer.status == 409:
            raise RefusedError(path)
        if answer.status >= 300:
            raise UnknownError(f"{path}: {answer.status}")
        return json.loads(body) if body else {}


# --8<-- [end:show]
class Service:
    """The extracted module: HTTP around any Stock, with one fault to order."""

    def __init__(self, stock: Stock) -> None:
        self.hold_next = threading.Event()
        self.applied = threading.Event()
        self.resume = threading.Event()
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_PUT(self) -> None:
                length = min(int(self.headers["Content-Length"]), 10_000)
                wish = json.loads(self.rfile.read(length))
                try:
                    stock.reserve(self._name(), wish["article"], wish["pieces"])
                except RefusedError:
                    self._answer(409)
                    return
                if service.hold_next.is_set():
                    service.hold_next.clear()
                    service.applied.set()
                    service.resume.wait(10)
                    self.close_connection = True
                    return
                self._answer(204)

            def do_DELETE(self) -> None:
                stock.release(self._name())
                self._answer(204)

            def do_GET(self) -> None:
                self._answer(200, json.dumps({"left": stock.left(self._name())}))

            def _name(self) -> str:
                return unquote(self.path.rsplit("/", 1)[1])

            def _answer(self, status: int, body: str = "") -> None:
                self.send_response(status)
                if body:
                    self.send_header("Content-Type", "application/json")
                    self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body.encode())

            def log_message(self, *_: object) -> None:
                """Keep the output to what is printed on purpose."""

        Handler.timeout = 5
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self.resume.set()
        self._server.shutdown()
        self._server.server_close()
