"""Send 50 requests over HTTP/1.1 in four ways and count connections and waits."""

import socket
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection, parse_headers
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import SimpleQueue
from typing import BinaryIO

REQUESTS = 50
POOL = 6
PATIENCE = 10


class Gate:
    """Answers in waves: a wave leaves when all that can be in flight is in flight.

    That is what a client sees when every round trip takes equally long. The gate
    also counts how many waves had to wait for a new connection first.
    """

    def __init__(self, in_flight: int) -> None:
        self.in_flight = in_flight
        self.remaining = REQUESTS
        self.held = self.waves = self.handshakes = self.connections = 0
        self.fresh = False
        self.turn = threading.Condition()

    def wait(self, first_on_connection: bool) -> None:
        with self.turn:
            self.connections += first_on_connection
            self.fresh |= first_on_connection
            self.held += 1
            wave = self.waves
            if self.held == min(self.in_flight, self.remaining):
                self.waves += 1
                self.handshakes += self.fresh
                self.remaining -= self.held
                self.held, self.fresh = 0, False
                self.turn.notify_all()
            elif not self.turn.wait_for(lambda: self.waves > wave, PATIENCE):
                raise TimeoutError("the wave never filled")


class Server(ThreadingHTTPServer):
    gate: Gate


class ItemHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"  # persistent connections unless told otherwise
    timeout = PATIENCE
    disable_nagle_algorithm = True  # header and body are written separately
    server: Server
    seen = 0  # on this connection: one handler object serves one connection

    def do_GET(self) -> None:
        self.seen += 1
        self.server.gate.wait(first_on_connection=self.seen == 1)
        body = self.path.encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(body)))
        if self.close_connection:  # the client asked for it: confirm, then close
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Keep stderr quiet."""


# --8<-- [start:show]
def connect(port: int) -> HTTPConnection:
    return HTTPConnection("127.0.0.1", port, timeout=PATIENCE)


def get(connection: HTTPConnection, item: int, headers: dict[str, str]) -> None:
    connection.request("GET", f"/items/{item}", headers=headers)
    response = connection.getresponse()
    if response.read() != f"/items/{item}".encode():  # read all, or no reuse
        raise ValueError("an answer to another request")


def connection_per_request(port: int) -> None:
    for item in range(REQUESTS):
        connection = connect(port)
        get(connection, item, {"Connection": "close"})
        connection.close()


def keep_alive(port: int) -> None:
    connection = connect(port)
    for item in range(REQUESTS):
        get(connection, item, {})
    connection.close()


def pool(port: int) -> None:
    idle: SimpleQueue[HTTPConnection] = SimpleQueue()
    for _ in range(POOL):
        idle.put(connect(port))

    def borrow(item: int) -> None:
        connection = idle.get(timeout=PATIENCE)
        get(connection, item, {})
        idle.put(connection)

    with ThreadPoolExecutor(max_workers=REQUESTS) as executor:
        list(executor.map(borrow, range(REQUESTS)))
    while not idle.empty():
        idle.get().close()


def pipelining(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as connection:
        for item in range(REQUESTS):  # write everything before reading anything
            request = f"GET /items/{item} HTTP/1.1\r\nHost: localhost\r\n\r\n"
            connection.sendall(request.encode())
        answers = connection.makefile("rb")
        for item in range(REQUESTS):  # no ids: the order is all there is
            if read_answer(answers) != f"/items/{item}".encode():
                raise ValueError("answers out of order")


# --8<-- [end:show]


def read_answer(stream: BinaryIO) -> bytes:
    if not stream.readline().startswith(b"HTTP/1.1 200 "):
        raise ValueError("not a 200")
    return stream.read(int(parse_headers(stream)["Content-Length"]))


def measure(in_flight: int, strategy: Callable[[int], None]) -> Gate:
    server = Server(("127.0.0.1", 0), ItemHandler)
    server.gate = Gate(in_flight)
    thread = threading.Thread(target=server.serve_forever, args=[0.05])
    thread.start()
    try:
        strategy(server.server_port)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    return server.gate


def main() -> None:
    print(f"{REQUESTS} requests to one server over HTTP/1.1\n")
    print(f"{'':<22}  connections  round trips  with TLS 1.3")
    for name, in_flight, strategy in [
        ("connection per request", 1, connection_per_request),
        ("keep-alive", 1, keep_alive),
        (f"pool of {POOL}", POOL, pool),
        ("pipelining", 1, pipelining),
    ]:
        gate = measure(in_flight, strategy)
        # Pipelining sends all before it waits: one wait, however they are handled.
        waits = 1 if strategy is pipelining else gate.waves
        plain = gate.handshakes + waits
        secure = plain + gate.handshakes
        print(f"{name:<22}{gate.connections:>13}{plain:>13}{secure:>14}")
    print("\nPipelined answers arrived in the order of the requests.")
    print("Round trips: TCP handshakes waited for, plus waits for answers.")
    print("TLS 1.3 adds one round trip to each handshake.")


if __name__ == "__main__":
    main()
