"""One counter over four transports, on real loopback connections."""

import contextlib
import http.client
import queue
import socket
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import BinaryIO
from urllib.parse import parse_qs, urlsplit

import websocket
from websocket import CLOSE, PING, PONG, TEXT

APP = "https://app.shop.test"
KEPT = 5  # changes that a returning client can still catch up with
OUTBOX = 16  # messages that may wait for one slow socket
BIG = 60_000  # bytes of a message that fills kernel buffers quickly
PATIENCE = 5  # seconds


# --8<-- [start:show]
def events_after(seen: int | None, value: int) -> list[str]:
    """What an event stream owes a client whose Last-Event-ID is `seen`."""
    if seen == value:
        return []
    if seen is None or not value - KEPT <= seen < value:
        return [f"event: reset\nid: {value}\ndata: {value}\n\n"]
    return [f"id: {n}\ndata: {n}\n\n" for n in range(seen + 1, value + 1)]


class Peer:
    """The server's end of one WebSocket."""

    def __init__(self, outbox: "Outbox", cut: Callable[["Peer"], None]) -> None:
        self.outbox, self.cut = outbox, cut
        self.unanswered = 0  # pings
        self.closing = False

    def send(self, opcode: int, payload: bytes) -> None:
        """Never wait: a peer that cannot keep up loses its connection, not our time."""
        if self.closing:
            return  # nothing follows a close frame
        self.closing = opcode == CLOSE
        if not self.outbox.offer(websocket.encode(opcode, payload)):
            self.cut(self)  # without a close frame: it would wait behind all the rest

    def beat(self) -> None:
        """Called by a timer, more often than the shortest idle timeout on the path."""
        if self.unanswered:  # a whole interval without a pong
            self.cut(self)
        else:
            self.unanswered += 1
            self.send(PING, b"beat")

    def read(self, reader: BinaryIO, on_text: Callable[[str], None]) -> None:
        """Serve frames until the peer leaves or breaks the protocol."""
        while not self.closing:
            try:
                opcode, payload = websocket.read_frame(reader, from_client=True)
            except websocket.FrameError as error:
                return self.send(CLOSE, error.code.to_bytes(2, "big"))
            match opcode:
                case websocket.PING:
                    self.send(PONG, payload)  # the same bytes come back
                case websocket.PONG:
                    self.unanswered = 0
                case websocket.CLOSE:
                    self.send(CLOSE, payload[:2])
                case websocket.TEXT:
                    on_text(payload.decode())


# --8<-- [end:show]


class Outbox:
    """A bounded queue between the broadcast and one connection."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._waiting: queue.Queue[bytes | None] = queue.Queue(OUTBOX)
        self._writer = threading.Thread(target=self._write)
        self._writer.start()
        self.most = 0

    def offer(self, frame: bytes) -> bool:
        try:
            self._waiting.put_nowait(frame)
        except queue.Full:
            return False
        self.most = max(self.most, self._waiting.qsize())
        return True

    def _write(self) -> None:
        with contextlib.suppress(OSError):
            while (frame := self._waiting.get()) is not None:
                self._connection.sendall(frame)
            return
        while self._waiting.get() is not None:  # cut: throw the rest away
            pass

    def hang_up(self) -> None:
        with contextlib.suppress(OSError):
            self._connection.shutdown(socket.SHUT_RDWR)

    def finish(self) -> None:
        """Let the writer send what waits, then end it."""
        self._waiting.put(None)
        self._writer.join()


class Counter(ThreadingHTTPServer):
    """The value, its last changes, and everybody who wants to know."""

    daemon_threads = False  # closing the server waits for every handler

    def __init__(
        self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler]
    ) -> None:
        super().__init__(address, handler)
        self.changed = threading.Condition()
        self.adding = threading.Lock()  # two changes reach every socket in one order
        self.value = 0
        self.stopping = False
        self.waiting = 0  # long polls
        self.peers: set[Peer] = set()

    def add(self, times: int = 1) -> None:
        for _ in range(times):
            with self.adding:
                with self.changed:
                    self.value += 1
                    self.changed.notify_all()
                text = str(self.value).encode()
                self.each_peer(lambda peer, text=text: peer.send(TEXT, text))

    def cut(self, peer: Peer) -> None:
        with self.changed:
            self.peers.discard(peer)
            self.changed.notify_all()
        peer.outbox.hang_up()

    def each_peer(self, act: Callable[[Peer], None]) -> None:
        with self.changed:
            peers = list(self.peers)
        for peer in peers:
            act(peer)

    def wait_until(self, what: Callable[[], bool]) -> None:
        with self.changed:
            if not self.changed.wait_for(what, PATIENCE):
                raise TimeoutError


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = PATIENCE
    server: Counter

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        query = {name: int(values[0]) for name, values in parse_qs(url.query).items()}
        match url.path:
            case "/counter":
                self.poll(query.get("since"), query.get("wait", PATIENCE))
            case "/events":
                self.stream()
            case "/socket":
                self.upgrade()
            case _:
                self.send_error(404)

    def poll(self, since: int | None, seconds: int) -> None:
        """Plain polling never waits; long polling waits until there is news."""
        server = self.server
        with server.changed:
            if since is not None:
                server.waiting += 1
                server.changed.notify_all()
                server.changed.wait_for(
                    lambda: server.value > since or server.stopping, seconds
                )
                server.waiting -= 1
            value = server.value
        news = since is None or value > since
        self.send_response(200 if news else 204)
        body = str(value).encode() if news else b""
        if news:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def stream(self) -> None:
        """Server-sent events: the response body that does not end."""
        server = self.server
        last = self.headers.get("Last-Event-ID", "")
        seen = int(last) if last.isdecimal() else None
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Cache-Control", "no-store")
        self.send_header("Connection", "close")
        self.end_headers()
        while not server.stopping:
            with server.changed:
                events = events_after(seen, server.value)
                seen = server.value
            try:
                self.wfile.write("".join(events).encode() or b": still here\n\n")
            except OSError:
                return
            with server.changed:
                server.changed.wait_for(
                    lambda seen=seen: server.value != seen or server.stopping, PATIENCE
                )

    def upgrade(self) -> None:
        nonce = self.headers.get("Sec-WebSocket-Key")
        if self.headers.get("Upgrade", "").lower() != "websocket" or not nonce:
            return self.refuse(426)
        if self.headers.get("Origin") != APP:  # the cookies came along anyway
            return self.refuse(403)
        self.send_response(101)
        self.send_header("Upgrade", "websocket")
        self.send_header("Connection", "Upgrade")
        self.send_header("Sec-WebSocket-Accept", websocket.accept_key(nonce))
        self.end_headers()
        self.close_connection = True
        peer = Peer(Outbox(self.connection), self.server.cut)
        with self.server.changed:
            self.server.peers.add(peer)
            self.server.changed.notify_all()
        try:
            with contextlib.suppress(OSError):
                peer.read(self.rfile, lambda text: text == "+1" and self.server.add())
        finally:
            with self.server.changed:
                self.server.peers.discard(peer)
                self.server.changed.notify_all()
            peer.outbox.finish()

    def refuse(self, status: int) -> None:
        self.send_response(status)
        self.send_header("Connection", "close")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Keep stderr quiet."""


@contextlib.contextmanager
def serving() -> Iterator[Counter]:
    with Counter(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield server
        finally:
            with server.changed:
                server.stopping = True
                server.changed.notify_all()
            server.each_peer(lambda peer: peer.outbox.hang_up())
            server.shutdown()
            thread.join()


def get(server: Counter, path: str) -> str:
    connection = http.client.HTTPConnection(*server.server_address, timeout=PATIENCE)
    with contextlib.closing(connection):
        connection.request("GET", path, headers={"Connection": "close"})
        response = connection.getresponse()
        return response.read().decode() or str(response.status)


def polling(server: Counter) -> None:
    seen = [get(server, "/counter"), get(server, "/counter")]
    server.add(3)
    seen += [get(server, "/counter"), get(server, "/counter")]
    print(f"polling       4 requests: {' '.join(seen)}; 1 and 2 were never seen")


def long_polling(server: Counter) -> None:
    answers: queue.Queue[str] = queue.Queue()
    ask = threading.Thread(target=lambda: answers.put(get(server, "/counter?since=3")))
    ask.start()
    server.wait_until(lambda: server.waiting == 1)
    early = answers.qsize()
    server.add()
    ask.join()
    print(f"long polling  since=3 waits, answers before the change: {early}, ", end="")
    print(f"after: {answers.get()}")
    server.add(2)
    late = get(server, "/counter?since=4")
    none = get(server, "/counter?since=6&wait=0")
    print(f"              +2 while nobody asks, since=4 at once: {late}; ", end="")
    print(f"no news: {none}")


class EventSource:
    def __init__(self, server: Counter, last_id: str = "") -> None:
        address = server.server_address
        self._connection = http.client.HTTPConnection(*address, timeout=PATIENCE)
        headers = {"Last-Event-ID": last_id} if last_id else {}
        self._connection.request("GET", "/events", headers=headers)
        self._response = self._connection.getresponse()
        self.last_id = last_id

    def read(self, count: int) -> str:
        """Return that many events: the id, and the type if it has one."""
        found: list[str] = []
        fields: dict[str, str] = {}
        while len(found) < count:
            line = self._response.readline().decode().rstrip("\n")
            if line:
                name, _, value = line.partition(": ")
                fields[name] = value
            elif "data" in fields:  # an empty line ends the event
                self.last_id = fields["id"]
                kind = fields.get("event", "")
                found.append(f"{kind} {fields['data']}".strip())
                fields = {}
            else:
                fields = {}  # a comment
        return " ".join(found)

    def close(self) -> None:
        self._response.close()
        self._connection.close()


def server_sent_events(server: Counter) -> None:
    source = EventSource(server)
    first = source.read(1)
    server.add(2)
    print(f"SSE           connect: {first}; live: {source.read(2)}; cut")
    source.close()
    server.add(2)
    again = EventSource(server, source.last_id)
    missed = again.read(2)
    server.add()
    print(f"              +2 meanwhile; Last-Event-ID {source.last_id}: ", end="")
    print(f"{missed}; live: {again.read(1)}")
    again.close()
    stale = EventSource(server, "1")
    print(f"              Last-Event-ID 1 is no longer kept: {stale.read(1)}")
    stale.close()


def sockets(server: Counter) -> None:
    print(f"WebSocket     {websocket.accept_key('dGhlIHNhbXBsZSBub25jZQ==')}")
    evil = websocket.Client(server.server_port, "/socket", "https://evil.test")
    one = websocket.Client(server.server_port, "/socket", APP)
    two = websocket.Client(server.server_port, "/socket", APP)
    server.wait_until(lambda: len(server.peers) == 2)
    print(f"              Origin {APP}: {one.status}, https://evil.test: {evil.status}")
    one.send("+1")
    print(f"              one sends +1; one reads {one.receive()[1]}, ", end="")
    print(f"two reads {two.receive()[1]}")
    one.send("hello", PING)
    two.send_unmasked("+1")
    print(f"              ping hello: pong {one.receive()[1]}; ", end="")
    print(f"no mask: close {two.receive()[1]}")
    server.wait_until(lambda: len(server.peers) == 1)
    for client in (evil, one, two):
        client.close()
    server.wait_until(lambda: not server.peers)


def heartbeat(server: Counter) -> None:
    alive = websocket.Client(server.server_port, "/socket", APP)
    silent = websocket.Client(server.server_port, "/socket", APP)
    server.wait_until(lambda: len(server.peers) == 2)
    server.each_peer(Peer.beat)
    _, payload = alive.receive()
    alive.send(payload, PONG)
    alive.send("", PING)
    alive.receive()  # its pong is behind us: the server has read ours
    before = len(server.peers)
    server.each_peer(Peer.beat)
    print(f"heartbeat     first beat: {before} open, one answers; ", end="")
    print(f"second: {len(server.peers)} open, silent one cut: {yes(silent.is_cut())}")
    silent.close()
    alive.close()
    server.wait_until(lambda: not server.peers)


def slow_consumer(server: Counter) -> None:
    fast = websocket.Client(server.server_port, "/socket", APP)
    slow = websocket.Client(server.server_port, "/socket", APP)  # never reads
    server.wait_until(lambda: len(server.peers) == 2)
    peers = list(server.peers)
    sent = read = 0
    while len(server.peers) == 2 and sent < 2000:
        sent += 1
        server.each_peer(lambda peer: peer.send(TEXT, b"x" * BIG))
        read += len(fast.receive()[1]) == BIG
    bounded = max(peer.outbox.most for peer in peers) <= OUTBOX
    print(f"slow reader   outbox bounded: {yes(bounded)}; slow one cut: ", end="")
    print(f"{yes(len(server.peers) == 1 and slow.is_cut())}; ", end="")
    print(f"fast one read all: {yes(read == sent)}")
    slow.close()
    server.each_peer(lambda peer: peer.send(CLOSE, (1001).to_bytes(2, "big")))
    print(f"drain         close {fast.receive()[1]}; ", end="")
    fast.close_with(1001)
    fast.close()
    server.wait_until(lambda: not server.peers)
    print(f"open: {len(server.peers)}")


def yes(fact: bool) -> str:
    return "yes" if fact else "no"


def main() -> None:
    with serving() as server:
        polling(server)
        long_polling(server)
        server_sent_events(server)
        sockets(server)
        heartbeat(server)
        slow_consumer(server)


if __name__ == "__main__":
    main()
