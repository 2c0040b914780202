"""Sign webhooks, and receive them: on the raw bytes, in time, and once."""

import base64
import hmac
import json
import logging
import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

WINDOW_SECONDS = 300  # to both sides
# For so long, a message from the future stays in the window. A sender that retries
# for days, or a restart in between, needs a table with the id as its key.
RETENTION_SECONDS = 2 * WINDOW_SECONDS
MAX_IDS = 5  # so few only to show what happens then
MAX_BODY_BYTES = 64 * 1024
# No full stop, or id and timestamp could be cut in another place.
ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
TIMESTAMP = re.compile(r"[1-9][0-9]{0,11}")


@dataclass(frozen=True, slots=True)
class Answer:
    """A status for the sender and a reason for its log."""

    status: int
    reason: str


@dataclass(frozen=True, slots=True)
class Secret:
    """Signs until it has been replaced everywhere."""

    key: bytes
    until: int  # seconds since 1970


# --8<-- [start:show]
def sign(key: bytes, message_id: str, timestamp: str, body: bytes) -> str:
    """Covers the id, the time and every byte of the body."""
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(key, signed, "sha256")).decode()


@dataclass(frozen=True, slots=True)
class Receiver:
    secrets: tuple[Secret, ...]
    inbox: "Inbox"
    clock: Callable[[], int]  # seconds since 1970

    def receive(self, headers: Mapping[str, str], body: bytes) -> Answer:
        """Takes the body as it arrived: nothing may parse it before."""
        message_id = headers.get("webhook-id", "")
        timestamp = headers.get("webhook-timestamp", "")
        given = headers.get("webhook-signature", "").encode().split()
        if not (ID.fullmatch(message_id) and TIMESTAMP.fullmatch(timestamp) and given):
            return Answer(400, "header missing or malformed")
        now = self.clock()
        if abs(now - int(timestamp)) > WINDOW_SECONDS:
            return Answer(401, "outside the window")
        genuine = False
        for secret in self.secrets:
            if now < secret.until:  # two are valid while one replaces the other
                expected = sign(secret.key, message_id, timestamp, body).encode()
                for signature in given:
                    genuine |= hmac.compare_digest(signature, expected)
        if not genuine:
            return Answer(401, "no signature fits")
        return self.inbox.accept(message_id, body, now)


class Inbox:
    def __init__(self, store: Callable[[bytes], None]) -> None:
        self._store = store
        self._expires: OrderedDict[str, int] = OrderedDict()  # id to seconds
        self._lock = threading.Lock()

    def accept(self, message_id: str, body: bytes, now: int) -> Answer:
        """Stores a message unless its id is known: what fails may come again."""
        with self._lock:
            while self._expires and now > next(iter(self._expires.values())):
                self._expires.popitem(last=False)
            if message_id in self._expires:
                return Answer(202, "known already")
            if len(self._expires) == MAX_IDS:  # forget one early, and it gets in again
                return Answer(503, "inbox is full")
            self._store(body)
            self._expires[message_id] = now + RETENTION_SECONDS
            return Answer(202, "stored")


# --8<-- [end:show]


def handler(receiver: Receiver) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 5  # seconds

        def do_POST(self) -> None:
            length = self.headers.get("content-length", "")
            if not re.fullmatch("[0-9]{1,9}", length):
                self._respond(Answer(411, "no length"))
                return
            body = self.rfile.read(min(int(length), MAX_BODY_BYTES + 1))
            if len(body) > MAX_BODY_BYTES:
                self.close_connection = True
                self._respond(Answer(413, "body too long"))
            elif len(body) < int(length):
                self.close_connection = True
                self._respond(Answer(400, "body cut short"))
            elif self.path == "/raw":
                self._receive(body)
            elif self.path == "/parsed":
                self._receive_parsed(body)
            else:
                self._respond(Answer(404, "no such hook"))

        def _receive_parsed(self, body: bytes) -> None:
            """The mistake: a layer in front has parsed the body and writes it again."""
            try:
                message = json.loads(body)
            except ValueError:
                self._respond(Answer(400, "not JSON"))
            else:
                self._receive(json.dumps(message).encode())

        def _receive(self, body: bytes) -> None:
            try:
                answer = receiver.receive(self.headers, body)
            except Exception:
                logging.exception("not stored")
                answer = Answer(500, "not stored")
            self._respond(answer)

        def _respond(self, answer: Answer) -> None:
            content = answer.reason.encode()
            self.send_response(answer.status)
            self.send_header("Content-Type", "text/plain")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            """Keep stderr quiet: the table is the log."""

    return Handler


# Samples: a real one is 24 to 64 random bytes, handed over as whsec_ and base64.
OLD_KEY = b"sample-old-secret-of-32-bytes-01"
NEW_KEY = b"sample-new-secret-of-32-bytes-02"
OTHER_KEY = b"sample-wrong-secret-of-32-byte-3"
START = 1_767_225_600  # seconds since 1970
DAY = 86_400  # seconds
MESSAGE = (
    rb'{"type":"invoice.paid","timestamp":"2026-01-01T00:00:00Z",'
    rb'"data":{"invoice":"2026\/7","amount_cents":1050,"currency":"EUR"}}'
)


class ManualClock:
    def __init__(self, now: int) -> None:
        self.now = now

    def __call__(self) -> int:
        return self.now


@dataclass(frozen=True, slots=True)
class Delivery:
    """One request; an empty value leaves its header out."""

    message_id: str
    timestamp: str
    signatures: str
    body: bytes
    path: str = "/raw"

    def headers(self) -> dict[str, str]:
        headers = {
            "webhook-id": self.message_id,
            "webhook-timestamp": self.timestamp,
            "webhook-signature": self.signatures,
        }
        return {name: value for name, value in headers.items() if value}


@dataclass(frozen=True, slots=True)
class Sender:
    """Calls the endpoint and prints what it learns."""

    port: int
    clock: ManualClock
    stored: list[bytes]

    def signed(
        self, message_id: str, *keys: bytes, ago: int = 0, body: bytes = MESSAGE
    ) -> Delivery:
        timestamp = str(self.clock() - ago)
        signatures = [sign(key, message_id, timestamp, body) for key in keys]
        return Delivery(message_id, timestamp, " ".join(signatures), body)

    def send(self, label: str, delivery: Delivery) -> None:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            headers = {"content-type": "application/json"} | delivery.headers()
            connection.request("POST", delivery.path, delivery.body, headers)
            response = connection.getresponse()
            status, reason = response.status, response.read(1024).decode()
        finally:
            connection.close()
        print(f"{label:<35}{status:<8}{len(self.stored):<9}{reason}")

    def deliver_all(self) -> None:
        send, signed = self.send, self.signed
        print(f"{'delivery':<35}{'status':<8}{'effects':<9}reason")
        good = signed("msg_1", NEW_KEY)
        send("good", good)
        send("the same bytes again", good)
        self.clock.now += 5
        send("tried again 5 s later", signed("msg_1", NEW_KEY))
        changed = MESSAGE.replace(b"1050", b"1051")
        send("one byte changed", replace(good, body=changed))
        send("another id", replace(good, message_id="msg_2"))
        rewritten = replace(signed("msg_2", NEW_KEY), path="/parsed")
        send("body parsed and written again", rewritten)
        send("wrong secret", signed("msg_2", OTHER_KEY))
        send("old secret, both valid", signed("msg_2", OLD_KEY))
        send("signed with old and new", signed("msg_3", OLD_KEY, NEW_KEY))
        send("300 s old", signed("msg_4", NEW_KEY, ago=300))
        send("301 s old", signed("msg_5", NEW_KEY, ago=301))
        ahead = signed("msg_5", NEW_KEY, ago=-300)
        send("300 s ahead", ahead)
        send("301 s ahead", signed("msg_6", NEW_KEY, ago=-301))
        send("no webhook-signature", replace(good, signatures=""))
        send("webhook-timestamp: soon", replace(good, timestamp="soon"))
        long = b" " * (MAX_BODY_BYTES + 1)
        send("65,537 bytes", signed("msg_6", NEW_KEY, body=long))
        send("a sixth id, with room for five", signed("msg_6", NEW_KEY))
        self.clock.now += 600
        send("300 s ahead, again 10 min later", ahead)
        send("good, again 10 min later", good)
        self.clock.now += DAY
        send("old secret, a day later", signed("msg_6", OLD_KEY))
        send("the sixth id, a day later", signed("msg_6", NEW_KEY))


def main() -> None:
    clock = ManualClock(START)
    stored: list[bytes] = []
    secrets = (
        Secret(NEW_KEY, START + 365 * DAY),
        Secret(OLD_KEY, START + 3600),  # by then, every sender has the new one
    )
    receiver = Receiver(secrets, Inbox(stored.append), clock)
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler(receiver))
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        Sender(server.server_port, clock, stored).deliver_all()
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


if __name__ == "__main__":
    main()
