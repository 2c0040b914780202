"""Two servers hold the connections of one room; Redis carries messages between them."""

import http.client
import queue
import re
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self

import redis

ROOM = "room:7"
WAITING = 100  # messages for one slow client; then it loses its connection
PATIENCE = 5  # seconds
POST = """
local id = redis.call('INCR', KEYS[2]) .. '-0'
redis.call('XADD', KEYS[1], 'MAXLEN', '~', 1000, id, 'text', ARGV[1])
redis.call('PUBLISH', KEYS[1], id .. ' ' .. ARGV[1])
return id
"""  # in one step: nobody sees message 5 before message 4

Message = tuple[str, str]  # id and text


# --8<-- [start:show]
def newer(one: str, other: str) -> bool:
    """Ids are numbers: as text, 10-0 would be older than 9-0."""
    return int(one.removesuffix("-0")) > int(other.removesuffix("-0"))


def history(db: redis.Connection, after: str) -> list[Message]:
    """The stream remembers what Pub/Sub forgets."""
    entries = db.command("XRANGE", ROOM, f"({after}", "+")
    return [(id_, fields[1]) for id_, fields in entries]


class Hub:
    """The clients of one server, and what its one subscription brings them."""

    def __init__(self, db: redis.Connection) -> None:
        self.db = db
        self.changed = threading.Condition()
        self.clients: set[Inbox] = set()
        self.last = "0-0"
        self.before_history: Callable[[], None] = lambda: None

    def deliver(self, message: Message) -> None:
        with self.changed:
            if not newer(message[0], self.last):
                return  # read from the stream already
            self.last = message[0]
            for inbox in list(self.clients):
                try:
                    inbox.put_nowait(message)
                except queue.Full:
                    inbox.overflowed = True  # it will be back with its last id
                    self.clients.remove(inbox)
            self.changed.notify_all()

    def messages(self, last: str, inbox: "Inbox") -> Iterator[Message]:
        """Everything after `last`: first what was missed, then what happens."""
        with self.changed:
            self.clients.add(inbox)  # 1. from now on nothing passes by
        self.before_history()
        for message in history(self.db, last):  # 2. what was said before that
            last = message[0]
            yield message
        while not inbox.overflowed and (message := inbox.get()) is not None:
            if newer(message[0], last):  # 3. both saw it: once is enough
                last = message[0]
                yield message


# --8<-- [end:show]


class Node(Hub):
    """One server."""

    def __init__(self, name: str) -> None:
        super().__init__(redis.connect())
        self.name = name
        self._web = Web(("127.0.0.1", 0), Handler)
        self._web.node = self
        self._server = threading.Thread(target=self._web.serve_forever, args=(0.02,))
        self._server.start()
        self.port = self._web.server_port
        self.subscribe()

    def subscribe(self) -> None:
        """Like a client: subscribe, read what was missed, then listen."""
        subscription = redis.connect(60)
        channels = ["SUBSCRIBE", ROOM, f"stop:{self.name}"]
        subscription.raw(redis.encode(channels), 2)
        for message in history(self.db, self.last):
            self.deliver(message)
        self._listener = threading.Thread(target=self._listen, args=(subscription,))
        self._listener.start()

    def _listen(self, subscription: redis.Connection) -> None:
        with subscription:
            while True:
                ((_, channel, text),) = subscription.raw(b"", 1)
                if channel != ROOM:
                    return
                id_, _, said = text.partition(" ")
                self.deliver((id_, said))

    def lose_redis(self) -> None:
        self.db.command("PUBLISH", f"stop:{self.name}", "")
        self._listener.join(PATIENCE)

    def wait_until(self, what: Callable[[], bool]) -> None:
        with self.changed:
            if not self.changed.wait_for(what, PATIENCE):
                raise TimeoutError

    def close(self) -> None:
        self.lose_redis()
        with self.changed:
            for inbox in self.clients:
                inbox.put(None)
        self._web.shutdown()
        self._web.server_close()
        self._server.join()
        self.db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Inbox(queue.Queue[Message | None]):
    """What waits for one client; compared by identity."""

    def __init__(self) -> None:
        super().__init__(WAITING)
        self.overflowed = False


class Web(ThreadingHTTPServer):
    daemon_threads = False
    node: Node


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = PATIENCE
    server: Web

    def do_POST(self) -> None:
        text = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.node.db.command("EVAL", POST, 2, ROOM, f"{ROOM}:id", text)
        self.send_response(204)
        self.end_headers()

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Cache-Control", "no-store")
        self.send_header("Connection", "close")
        self.end_headers()
        node, inbox = self.server.node, Inbox()
        last = self.headers.get("Last-Event-ID", "")
        if not re.fullmatch(r"[0-9]{1,15}-0", last):  # anybody can send anything
            last = "0-0"
        try:
            for id_, text in node.messages(last, inbox):
                self.wfile.write(f"id: {id_}\ndata: {text}\n\n".encode())
        except OSError:
            pass  # the client has gone
        finally:
            with node.changed:
                node.clients.discard(inbox)

    def log_message(self, format: str, *args: object) -> None:
        """Keep stderr quiet."""


class Reader:
    """A browser's EventSource."""

    def __init__(self, node: Node, last: str = "0-0") -> None:
        self._connection = http.client.HTTPConnection(
            "127.0.0.1", node.port, timeout=PATIENCE
        )
        self._connection.request("GET", "/room", headers={"Last-Event-ID": last})
        self._response = self._connection.getresponse()
        self.last = last

    def read(self, count: int) -> str:
        found = []
        while len(found) < count:
            id_ = self._response.readline().decode().strip().removeprefix("id: ")
            text = self._response.readline().decode().strip().removeprefix("data: ")
            self._response.readline()
            self.last = id_
            found.append(f"{id_} {text}")
        return ", ".join(found)

    def close(self) -> None:
        self._response.close()
        self._connection.close()


def post(node: Node, text: str) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", node.port, timeout=PATIENCE)
    connection.request("POST", "/room", text, {"Connection": "close"})
    if connection.getresponse().status != 204:
        raise ConnectionError("not posted")
    connection.close()


def two_nodes(a: Node, b: Node) -> Reader:
    ada, bob = Reader(a), Reader(b)
    for node, text in [(a, "hello"), (b, "hi")]:
        post(node, text)
        print(f"posted at {node.name}: ", end="")
        print(f"Ada on A reads {ada.read(1)}; Bob on B reads {bob.read(1)}")
    bob.close()
    post(a, "lunch?")
    post(b, "yes")
    again = Reader(a, bob.last)
    print(f"Bob was away, returns to A with {bob.last}: {again.read(2)}")
    post(b, "now")
    print(f"and is live again: {again.read(1)}; Ada: {ada.read(3)}")
    ada.close()
    return again


def between(node: Node, text: str) -> Callable[[], None]:
    """Post at the worst moment, and wait until the node has dealt with it."""

    def worst_moment() -> None:
        node.before_history = lambda: None
        seen = int(node.last.removesuffix("-0"))
        post(node, text)
        node.wait_until(lambda: node.last == f"{seen + 1}-0")

    return worst_moment


def order(a: Node, bob: Reader) -> None:
    a.before_history = between(a, "first")
    carol = Reader(a, "5-0")
    said = carol.read(1)
    post(a, "second")
    print(f"subscribe, then read: {said}, {carol.read(1)}")
    carol.close()
    old = history(a.db, "7-0")  # the wrong order: read ...
    between(a, "third")()
    inbox = Inbox()
    with a.changed:
        a.clients.add(inbox)  # ... then subscribe
    post(a, "fourth")
    old.append(inbox.get(timeout=PATIENCE))
    with a.changed:
        a.clients.discard(inbox)
    print(f"read, then subscribe: {', '.join(map(' '.join, old))}; third is lost")
    bob.read(4)


def outage(a: Node, b: Node) -> None:
    dave = Reader(b, "9-0")
    b.wait_until(lambda: len(b.clients) == 1)
    b.lose_redis()
    post(a, "ten")
    a.wait_until(lambda: a.last == "10-0")
    print(f"B lost its subscription: A is at {a.last}, B at {b.last}")
    b.subscribe()
    post(a, "eleven")
    print(f"B subscribes again and catches up: Dave on B reads {dave.read(2)}")
    dave.close()


def main() -> None:
    with Node("A") as a, Node("B") as b:
        bob = two_nodes(a, b)
        order(a, bob)
        outage(a, b)
        bob.close()


if __name__ == "__main__":
    main()
