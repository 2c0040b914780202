"""Probes that never touch a dependency, and a shutdown that loses no request."""

import http.client
import signal
import socket
import socketserver
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


# --8<-- [start:show]
class Health:
    """What the probes say. A probe reads it and asks nobody."""

    def __init__(self) -> None:
        self.started = self.draining = False
        self.database = "unknown"

    def refresh(self, check: Callable[[], bool], every: float) -> None:
        """Runs in the background; check has a timeout of its own."""
        while True:
            self.database = "ok" if check() else "failing"
            self.started = self.started or self.database == "ok"
            time.sleep(every)

    def live(self) -> tuple[int, str]:
        return 200, "alive"  # no dependency: a restart would mend none

    def ready(self) -> tuple[int, str]:
        if self.draining:
            return 503, "draining"
        if not self.started:
            return 503, "starting"
        # Shared by all instances: another one would do no better, so stay in.
        return 200, "ready" if self.database == "ok" else "degraded"


def drain(
    server: ThreadingHTTPServer,
    health: Health,
    running: "Running",
    delay: float,
    deadline: float,
) -> int:
    """After SIGTERM. The result is the exit code."""
    health.draining = True  # 1. fail readiness, go on serving
    time.sleep(delay)  # 2. balancers notice
    server.shutdown()  # 3. accept no more
    server.server_close()
    say("stopped accepting")
    unfinished = running.wait(deadline)  # 4. finish what runs
    for path in unfinished:
        say(f"cut {path}")
    return 1 if unfinished else 0  # 5. say how it went


# --8<-- [end:show]


class Running:
    """The requests in flight."""

    def __init__(self) -> None:
        self._paths: list[str] = []
        self._changed = threading.Condition()

    @contextmanager
    def request(self, path: str):
        with self._changed:
            self._paths.append(path)
        try:
            yield
        finally:
            with self._changed:
                self._paths.remove(path)
                self._changed.notify_all()

    def wait(self, seconds: float) -> list[str]:
        with self._changed:
            self._changed.wait_for(lambda: not self._paths, seconds)
            return list(self._paths)


def say(line: str) -> None:
    print(line, flush=True)


def ask(port: int, line: str, timeout: float) -> str:
    """One question to the database, one line as its answer."""
    with socket.create_connection(("127.0.0.1", port), timeout) as connection:
        connection.sendall(f"{line}\n".encode())
        return connection.makefile().readline().strip()


def serve(database: int, mode: str, delay: float, deadline: float) -> int:
    health, running = Health(), Running()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 10

        def do_GET(self) -> None:
            self.answer(*(health.live if self.path == "/livez" else health.ready)())

        def do_POST(self) -> None:
            with running.request(self.path):
                self.answer(201, ask(database, self.path, 10))

        def answer(self, status: int, text: str) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "text/plain")
            self.send_header("Content-Length", str(len(text)))
            self.send_header("Cache-Control", "no-store")
            if health.draining:
                self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_: object) -> None:
            pass

    def check() -> bool:
        try:
            return ask(database, "ping", 1) == "pong"
        except OSError:
            return False

    if mode == "drain":  # before the threads start: they inherit the mask
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=health.refresh, args=(check, 0.1), daemon=True).start()
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    say(f"port {server.server_port}")
    if mode == "naive":
        signal.pause()  # nobody handles SIGTERM: it kills
    signal.sigwait({signal.SIGTERM})
    return drain(server, health, running, delay, deadline)


class Database(socketserver.ThreadingTCPServer):
    """Answers pings; keeps an order waiting until it is released."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self) -> None:
        self.up, self.pings = True, 0
        self.slow_came, self.released = threading.Event(), threading.Event()
        self.endless_came = threading.Event()
        super().__init__(("127.0.0.1", 0), Question)
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()


class Question(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        database, line = self.server, self.rfile.readline().decode().strip()
        if line == "ping":
            database.pings += 1
            if not database.up:
                return
        elif line == "/orders/slow":
            database.slow_came.set()
            database.released.wait(10)
        elif line == "/orders/endless":
            database.endless_came.set()
            self.rfile.read()  # until the server is gone
            return
        self.wfile.write(b"pong\n" if line == "ping" else b"stored\n")


class Child:
    """The server, in a process of its own."""

    def __init__(self, database: Database, mode: str, delay: float, deadline: float):
        arguments = [str(database.server_address[1]), mode, str(delay), str(deadline)]
        self.process = subprocess.Popen(
            [*sys.orig_argv[: -len(sys.argv)], __file__, *arguments],
            stdout=subprocess.PIPE,
            text=True,
        )
        self.port = int(self.line().removeprefix("port "))

    def line(self) -> str:
        return self.process.stdout.readline().strip()

    def send(self, method: str, path: str) -> tuple[str, bool]:
        """Status and body, or what went wrong; and whether it closes the connection."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request(method, path)
            response = connection.getresponse()
            text = f"{response.status} {response.read().decode()}"
            return text, response.getheader("Connection") == "close"
        except ConnectionRefusedError:
            return "refused", False
        except (OSError, http.client.HTTPException):
            return "cut", False
        finally:
            connection.close()

    def until(self, wanted: str) -> None:
        for _ in range(1000):
            if self.send("GET", "/readyz")[0] == wanted:
                return
            time.sleep(0.01)
        raise TimeoutError(wanted)

    def in_background(self, path: str) -> Callable[[], str]:
        answers: list[str] = []
        thread = threading.Thread(
            target=lambda: answers.append(self.send("POST", path)[0])
        )
        thread.start()

        def result() -> str:
            thread.join()
            return answers[0]

        return result

    def orders(self, count: int) -> list[tuple[str, bool]]:
        return [self.send("POST", f"/orders/{n}") for n in range(count)]

    def exit(self) -> str:
        code = self.process.wait(20)
        self.process.stdout.close()
        return "killed by SIGTERM" if code == -signal.SIGTERM else f"code {code}"


def show(label: str, text: str) -> None:
    print(f"  {label:<27}{text}")


def probes(database: Database, child: Child) -> None:
    print("the probes")
    for label, up, wanted in [
        ("database down at start", False, "503 starting"),
        ("database answers", True, "200 ready"),
        ("database down later", False, "200 degraded"),
    ]:
        database.up = up
        child.until(wanted)
        show(label, f"livez {child.send('GET', '/livez')[0]}, readyz {wanted}")
    before = database.pings
    for _ in range(100):
        child.send("GET", "/readyz")
    few = database.pings - before < 50
    show("100 readiness probes", f"pings under 50: {'yes' if few else 'no'}")


def naive() -> None:
    print("\nno handler for SIGTERM")
    with Database() as database:
        child = Child(database, "naive", 0, 0)
        slow = child.in_background("/orders/slow")
        database.slow_came.wait(10)
        child.process.terminate()
        ended = child.exit()
        late = [answer for answer, _ in child.orders(10)]
        show("order in flight", slow())
        show("10 orders just after", f"{late.count('refused')} refused")
        show("exit", ended)
        database.shutdown()


def drained(database: Database, child: Child) -> None:
    print("\nSIGTERM starts a drain")
    slow = child.in_background("/orders/slow")
    database.slow_came.wait(10)
    child.process.terminate()
    child.until("503 draining")
    show("probes", f"livez {child.send('GET', '/livez')[0]}, readyz 503 draining")
    late = child.orders(10)
    stored = sum(answer == "201 stored" for answer, _ in late)
    closing = sum(closes for _, closes in late)
    show("10 orders while draining", f"{stored} stored, {closing} with close")
    show("the server", child.line())
    show("an order after that", child.send("POST", "/orders/late")[0])
    database.released.set()
    show("order in flight", slow())
    show("exit", child.exit())


def straggler() -> None:
    print("\ndrain with an order that never ends")
    with Database() as database:
        child = Child(database, "drain", 0, 0.3)
        slow = child.in_background("/orders/slow")
        endless = child.in_background("/orders/endless")
        database.slow_came.wait(10)
        database.endless_came.wait(10)
        child.process.terminate()
        child.line()
        database.released.set()
        show("order in flight", slow())
        show("the endless one", endless())
        show("the server", child.line())
        show("exit", child.exit())
        database.shutdown()


def main() -> None:
    with Database() as database:
        database.up = False
        child = Child(database, "drain", 0.5, 10)
        probes(database, child)
        naive()
        drained(database, child)
        database.shutdown()
    straggler()


if __name__ == "__main__":
    if len(sys.argv) > 1:
        port, mode, delay, deadline = sys.argv[1:]
        sys.exit(serve(int(port), mode, float(delay), float(deadline)))
    main()
