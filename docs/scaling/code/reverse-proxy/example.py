"""A reverse proxy on loopback: round robin, health checks, draining."""

import queue
import socket
import threading
from collections import Counter
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

HOP_BY_HOP = {"connection", "keep-alive", "te", "trailer", "transfer-encoding"}
HOP_BY_HOP |= {"upgrade", "proxy-authenticate", "proxy-authorization"}


# --8<-- [start:show]
@dataclass
class Backend:
    name: str
    port: int
    healthy: bool = False  # a newcomer has to pass its checks first
    draining: bool = False
    streak: int = 0  # checks in a row that contradict `healthy`
    in_flight: int = 0


class Balancer:
    def __init__(self, threshold: int = 2) -> None:
        self.backends: list[Backend] = []
        self._threshold, self._turn = threshold, -1
        self._changed = threading.Condition()

    def acquire(self, tried: set[str]) -> Backend | None:
        with self._changed:
            for _ in self.backends:
                self._turn = (self._turn + 1) % len(self.backends)
                backend = self.backends[self._turn]
                usable = backend.healthy and not backend.draining
                if usable and backend.name not in tried:
                    backend.in_flight += 1
                    return backend
            return None

    def release(self, backend: Backend) -> None:
        with self._changed:
            backend.in_flight -= 1
            self._changed.notify_all()

    def report(self, backend: Backend, passed: bool) -> None:
        """One check is a hint; only several in a row change the state."""
        with self._changed:
            backend.streak = 0 if passed == backend.healthy else backend.streak + 1
            if backend.streak == self._threshold:
                backend.healthy, backend.streak = passed, 0

    def drain(self, backend: Backend, deadline: float) -> bool:
        """Nothing new; wait for what runs. False: the deadline came first."""
        with self._changed:
            backend.draining = True
            return self._changed.wait_for(lambda: backend.in_flight == 0, deadline)

    # --8<-- [end:show]

    def remove(self, backend: Backend) -> None:
        with self._changed:
            self.backends.remove(backend)


class Quiet(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 5

    def log_message(self, format: str, *args: object) -> None:
        pass

    def answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class Proxy(Quiet):
    balancer: Balancer

    def forward(self) -> None:
        if "Transfer-Encoding" in self.headers:  # not read here, so never guess
            self.close_connection = True
            self.answer(411, b"length required")
            return
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        listed = self.headers.get("Connection", "").lower().split(",")
        drop = HOP_BY_HOP | {name.strip() for name in listed}
        headers = {k: v for k, v in self.headers.items() if k.lower() not in drop}
        headers["X-Forwarded-For"] = self.client_address[0]
        tried: set[str] = set()
        while backend := self.balancer.acquire(tried):
            connection = HTTPConnection("127.0.0.1", backend.port, timeout=5)
            try:
                connection.connect()
            except OSError:  # never sent: safe to try another, POST included
                tried.add(backend.name)
                continue
            else:
                self.exchange(connection, body, headers)
                return
            finally:
                connection.close()
                self.balancer.release(backend)
        self.answer(503, b"no backend")

    def exchange(
        self, connection: HTTPConnection, body: bytes, headers: dict[str, str]
    ) -> None:
        try:
            connection.request(self.command, self.path, body, headers)
            response = connection.getresponse()
            status, content = response.status, response.read()
        except (OSError, HTTPException):  # sent, outcome unknown: do not repeat
            status, content = 502, b"backend failed"
        self.answer(status, content)

    def do_GET(self) -> None:
        self.forward()

    def do_POST(self) -> None:
        self.forward()


class Application(Quiet):
    server: "Server"

    def do_GET(self) -> None:
        sick = self.path == "/health" and self.server.sick
        self.answer(503 if sick else 200, self.server.label.encode())

    def do_POST(self) -> None:
        """An order that takes as long as the test wants."""
        self.server.entered.put((self.server.label, self.connection))
        self.server.finish.wait(5)
        if not self.server.killed:
            self.answer(200, self.server.label.encode())
        self.close_connection = True


class Server(ThreadingHTTPServer):
    def __init__(self, label: str, entered: "queue.Queue[tuple[str, socket.socket]]"):
        super().__init__(("127.0.0.1", 0), Application)
        self.label, self.entered, self.finish = label, entered, threading.Event()
        self.sick = self.killed = False
        threading.Thread(target=self.serve_forever, args=(0.01,)).start()

    def stop(self) -> None:
        self.shutdown()
        self.server_close()


class Lab:
    def __init__(self) -> None:
        self.balancer = Balancer()
        self.servers: dict[str, Server] = {}
        self.entered: queue.Queue[tuple[str, socket.socket]] = queue.Queue()
        self.statuses: Counter[int] = Counter()
        handler = type("BoundProxy", (Proxy,), {"balancer": self.balancer})
        self.proxy = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=self.proxy.serve_forever, args=(0.01,)).start()

    def start(self, name: str) -> Server:
        server = self.servers[name] = Server(name, self.entered)
        self.balancer.backends.append(Backend(name, server.server_port))
        return server

    def backend(self, name: str) -> Backend:
        return next(b for b in self.balancer.backends if b.name == name)

    def check(self, rounds: int = 1) -> None:
        """What a timer would do; here the story does it."""
        for _ in range(rounds):
            for backend in self.balancer.backends:
                status, _ = ask(backend.port, "GET", "/health")
                self.balancer.report(backend, status == 200)

    def send(self, method: str = "GET") -> str:
        status, body = ask(self.proxy.server_port, method, "/orders")
        self.statuses[status] += 1
        return body if status == 200 else str(status)

    def show(self, what: str, number: int) -> None:
        print(f"{what:<42}", *(self.send() for _ in range(number)))


def ask(port: int, method: str, path: str) -> tuple[int, str]:
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request(method, path, headers={"Connection": "close"})
        response = connection.getresponse()
        return response.status, response.read().decode()
    except OSError:
        return 0, ""
    finally:
        connection.close()


def story(lab: Lab, pool: ThreadPoolExecutor) -> None:
    for name in "abc":
        lab.start(name)
    lab.show("no server has passed two checks yet", 1)
    lab.statuses.clear()
    lab.check(2)
    lab.show("two rounds of checks passed", 6)

    lab.servers["b"].sick = True
    lab.check()
    lab.show("b fails a check", 3)
    lab.check()
    lab.show("b fails a second one", 4)
    lab.servers["b"].sick = False
    lab.check(2)
    lab.show("b passes two", 6)

    lab.servers["c"].stop()
    lab.show("c crashes; no check has noticed", 6)
    lab.check(2)
    lab.balancer.remove(lab.backend("c"))
    lab.show("c is out", 4)

    order: Future[str] = pool.submit(lab.send, "POST")
    name, _ = lab.entered.get(timeout=5)
    leaving = lab.backend(name)
    idle = lab.balancer.drain(leaving, deadline=0)
    print(f"an order runs in {name}; drain {name}: idle {str(idle).lower()}")
    lab.start("d")
    lab.check(2)
    lab.show(f"d has joined, {name} gets nothing new", 4)
    lab.servers[name].finish.set()
    idle = lab.balancer.drain(leaving, deadline=5)
    print(
        f"the order is answered by {order.result(5)}; {name} idle {str(idle).lower()}"
    )
    lab.servers[name].stop()
    lab.balancer.remove(leaving)
    lab.show(f"{name} is stopped", 4)
    print("since the first checks:", tally(lab.statuses))

    order = pool.submit(lab.send, "POST")
    name, connection = lab.entered.get(timeout=5)
    lab.servers[name].killed = True
    connection.shutdown(socket.SHUT_RDWR)
    print(f"an order runs in {name}; {name} is killed: {order.result(5)}")
    lab.servers[name].finish.set()


def tally(statuses: Counter[int]) -> str:
    return ", ".join(f"{n} x {status}" for status, n in sorted(statuses.items()))


def main() -> None:
    lab = Lab()
    try:
        with ThreadPoolExecutor(1) as pool:
            story(lab, pool)
    finally:
        for server in lab.servers.values():
            server.finish.set()
            server.stop()
        lab.proxy.shutdown()
        lab.proxy.server_close()


if __name__ == "__main__":
    main()
