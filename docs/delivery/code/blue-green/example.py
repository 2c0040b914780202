"""Two versions on loopback behind a proxy: gate, switch, drain, roll back."""

import queue
import socket
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


# --8<-- [start:show]
@dataclass
class Slot:
    color: str
    version: str
    port: int
    in_flight: int = 0


class Switch:
    def __init__(self, live: Slot) -> None:
        self._live = live
        self._changed = threading.Condition()

    def acquire(self) -> Slot:
        with self._changed:
            self._live.in_flight += 1
            return self._live

    def release(self, slot: Slot) -> None:
        with self._changed:
            slot.in_flight -= 1
            self._changed.notify_all()

    def point_at(self, slot: Slot) -> Slot:
        """Requests that have begun stay with the slot they acquired."""
        with self._changed:
            previous, self._live = self._live, slot
            return previous

    def drain(self, slot: Slot, deadline: float) -> bool:
        with self._changed:
            return self._changed.wait_for(lambda: slot.in_flight == 0, deadline)


def deploy(switch: Switch, new: Slot, front: int, soak: Callable[[], None]) -> str:
    if any(get(new.port, "/ready") != 200 for _ in range(2)):
        return "not ready, traffic stays"
    if get(new.port, "/orders") != 200:  # on its private address
        return "smoke test fails, traffic stays"
    old = switch.point_at(new)
    soak()  # customers use the new version now
    if get(front, "/refunds") != 200:  # through the front door
        switch.point_at(old)  # it was never stopped
        return "/refunds fails, switched back"
    return "live"


# --8<-- [end:show]


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
    switch: Switch

    def forward(self) -> None:
        slot = self.switch.acquire()
        try:
            status, body = call(slot.port, self.command, self.path)
        except (OSError, HTTPException):
            status, body = 502, "no answer"
        finally:
            self.switch.release(slot)
        self.answer(status, body.encode())

    do_GET = do_POST = forward  # noqa: N815


class Application(Quiet):
    server: "Version"

    def do_GET(self) -> None:
        broken = self.path in self.server.broken
        self.answer(500 if broken else 200, self.server.label.encode())

    def do_POST(self) -> None:
        """An order that takes as long as the story wants."""
        self.server.entered.put(self.connection)
        self.server.finish.wait(5)
        if not self.server.killed:
            self.answer(200, self.server.label.encode())
        self.close_connection = True


class Version(ThreadingHTTPServer):
    def __init__(self, label: str, *broken: str) -> None:
        super().__init__(("127.0.0.1", 0), Application)
        self.label, self.broken = label, set(broken)
        self.entered: queue.Queue[socket.socket] = queue.Queue()
        self.finish, self.killed = threading.Event(), False
        threading.Thread(target=self.serve_forever, args=(0.01,)).start()

    def stop(self) -> None:
        self.shutdown()
        self.server_close()

    def kill(self, connection: socket.socket) -> None:
        """What SIGKILL does to a request that is still running."""
        self.killed = True
        connection.shutdown(socket.SHUT_RDWR)
        self.finish.set()


def call(port: int, method: str, path: str) -> tuple[int, str]:
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request(method, path, headers={"Connection": "close"})
        response = connection.getresponse()
        return response.status, response.read().decode()
    finally:
        connection.close()


def get(port: int, path: str) -> int:
    return call(port, "GET", path)[0]


class Story:
    def __init__(self) -> None:
        self.versions = [Version("v1")]
        self.blue = Slot("blue", "v1", self.versions[0].server_port)
        self.switch = Switch(self.blue)
        handler = type("BoundProxy", (Proxy,), {"switch": self.switch})
        self.proxy = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=self.proxy.serve_forever, args=(0.01,)).start()
        self.statuses: Counter[int] = Counter()

    def start(self, color: str, label: str, *broken: str) -> Slot:
        self.versions.append(Version(label, *broken))
        return Slot(color, label, self.versions[-1].server_port)

    def send(self, method: str) -> str:
        status, body = call(self.proxy.server_port, method, "/orders")
        self.statuses[status] += 1
        return body if status == 200 else str(status)

    def customers(self, what: str) -> None:
        print(f"{what:<46}", *(self.send("GET") for _ in range(3)))

    def deploy(self, slot: Slot) -> None:
        def soak() -> None:
            self.customers("  customers after the switch")

        print(f"deploy {slot.version} to {slot.color}")
        verdict = deploy(self.switch, slot, self.proxy.server_port, soak)
        self.customers(f"  {verdict}")

    def tell(self, pool: ThreadPoolExecutor) -> None:
        v1 = self.versions[0]
        self.customers("v1 in blue is live")
        green = self.start("green", "v2", "/ready")
        v2 = self.versions[1]
        self.deploy(green)
        v2.broken.clear()
        order = pool.submit(self.send, "POST")
        v1.entered.get(timeout=5)
        print("an order begins, in v1, and takes long")
        self.deploy(green)
        idle = self.switch.drain(self.blue, 0)
        print(f"blue is idle: {str(idle).lower()}")
        v1.finish.set()
        idle = self.switch.drain(self.blue, 5)
        print(f"order answered by {order.result(5)}, blue is idle: {str(idle).lower()}")
        v1.stop()
        self.customers("blue is stopped")
        self.deploy(self.start("blue", "v3", "/orders"))
        self.deploy(self.start("blue", "v4", "/refunds"))
        total, good = self.statuses.total(), self.statuses[200]
        print(f"{total} requests of customers, {total - good} failed")

        order = pool.submit(self.send, "POST")
        connection = v2.entered.get(timeout=5)
        self.switch.point_at(self.start("blue", "v5"))
        v2.kill(connection)
        print(f"and once without draining: the order gets {order.result(5)}")

    def close(self) -> None:
        for version in self.versions:
            version.finish.set()
            version.stop()
        self.proxy.shutdown()
        self.proxy.server_close()


def main() -> None:
    story = Story()
    try:
        with ThreadPoolExecutor(1) as pool:
            story.tell(pool)
    finally:
        story.close()


if __name__ == "__main__":
    main()
