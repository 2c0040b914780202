"""Deliver webhooks on a virtual clock: retries, order, dead letters, safe targets."""

import base64
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

# Seconds to wait before each try, as in the Standard Webhooks specification. Add
# jitter in production; here it would only blur the trace.
SCHEDULE = (0, 5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400)
GIVE_UP_SECONDS = 3 * 86_400
WINDOW_SECONDS = 300

# IPv4 that is not global (IANA registry; at the end a host of Azure). Of IPv6 only
# 2000::/3 is let through, not ::1, fc00::/7, fe80::/10, ::ffff:0:0/96 or NAT64.
RESERVED = """0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16
172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 192.88.99.0/24 192.168.0.0/16
198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4
2001::/23 2001:db8::/32 2002::/16 3fff::/20 168.63.129.16/32"""
BLOCKS = [ip_network(block) for block in RESERVED.split()]
GLOBAL_UNICAST = ip_network("2000::/3")

Address = IPv4Address | IPv6Address


class RefusedError(Exception):
    """The target may not be called."""


class NoAnswerError(Exception):
    """Nobody knows whether the request was handled."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A status, 0 for none, and a reason for the log."""

    status: int
    reason: str


@dataclass(slots=True)
class Clock:
    now: int  # seconds since 1970


@dataclass(slots=True)
class Message:
    id: str
    body: bytes
    due: int
    tries: int = 0


@dataclass(slots=True)
class Endpoint:
    name: str
    url: str
    key: bytes
    ordered: bool = False
    queue: list[Message] = field(default_factory=list)
    dead: list[Message] = field(default_factory=list)
    failing_since: int = 0  # seconds since 1970; 0: the last try went well
    disabled: bool = False


def is_public(address: Address) -> bool:
    if address.version == 6 and address not in GLOBAL_UNICAST:
        return False
    return not any(address in block for block in BLOCKS)


def sign(key: bytes, message_id: str, timestamp: str, body: bytes) -> str:
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(key, signed, "sha256")).decode()


# --8<-- [start:show]
class Sender:
    def __init__(self, network: "Network", clock: Clock, log: "Log") -> None:
        self.network, self.clock, self.log = network, clock, log

    def vet(self, url: str) -> Address:
        """Resolves once, at every attempt; the caller dials what is returned."""
        parts = urlsplit(url)
        if parts.scheme != "https" or parts.netloc != parts.hostname:
            raise RefusedError("more than https and a host")
        addresses = self.network.resolve(parts.hostname)
        for address in addresses:  # all: a client may fall back to any
            if not is_public(address):
                raise RefusedError(f"{address} is not public")
        if not addresses:
            raise NoAnswerError("no address")
        return addresses[0]

    def attempt(self, endpoint: Endpoint, message: Message) -> Answer:
        timestamp = str(self.clock.now)  # of this attempt, or retries are too old
        headers = {
            "webhook-id": message.id,  # the same at every attempt
            "webhook-timestamp": timestamp,
            "webhook-signature": sign(
                endpoint.key, message.id, timestamp, message.body
            ),
        }
        try:
            address = self.vet(endpoint.url)
            return self.network.post(address, headers, message.body)
        except (RefusedError, NoAnswerError) as error:
            return Answer(0, str(error))

    def deliver(self, endpoint: Endpoint, message: Message) -> None:
        message.tries += 1
        answer = self.attempt(endpoint, message)
        self.log.row(endpoint, message, answer)
        if 200 <= answer.status <= 299:
            endpoint.queue.remove(message)
            endpoint.failing_since = 0
            return
        endpoint.failing_since = endpoint.failing_since or self.clock.now
        failing = self.clock.now - endpoint.failing_since
        if answer.status == 410 or failing >= GIVE_UP_SECONDS:
            endpoint.disabled = True  # and tell the owner by another way
            endpoint.dead += endpoint.queue
            endpoint.queue.clear()
        elif message.tries == len(SCHEDULE):
            endpoint.queue.remove(message)
            endpoint.dead.append(message)
        else:
            message.due = self.clock.now + SCHEDULE[message.tries]


# --8<-- [end:show]


def run(sender: Sender, endpoints: list[Endpoint], until: int) -> None:
    """Delivers what is due, in order of time, until the queues or the day end."""
    while True:
        candidates = []
        for endpoint in endpoints:
            # An ordered endpoint has one message in flight: the oldest.
            queue = endpoint.queue[:1] if endpoint.ordered else endpoint.queue
            candidates += [(endpoint, message) for message in queue]
        if not candidates:
            return
        endpoint, message = min(candidates, key=lambda pair: pair[1].due)
        if message.due > until:
            return
        sender.clock.now = max(sender.clock.now, message.due)
        sender.deliver(endpoint, message)


def replay(endpoint: Endpoint, now: int) -> None:
    """The owner has repaired the endpoint: old ids and bodies, a new schedule."""
    endpoint.disabled, endpoint.failing_since = False, 0
    for message in endpoint.dead:
        message.due, message.tries = now, 0
    endpoint.queue, endpoint.dead = endpoint.dead, []


@dataclass(slots=True)
class Receiver:
    """Verify, store, acknowledge; process later."""

    key: bytes
    clock: Clock
    orders: dict[str, str]  # the provider's API: the current state of an order
    inbox: dict[str, bytes] = field(default_factory=dict)  # a table, id is its key
    todo: list[str] = field(default_factory=list)

    def receive(self, headers: Mapping[str, str], body: bytes) -> Answer:
        message_id, timestamp = headers["webhook-id"], headers["webhook-timestamp"]
        if abs(self.clock.now - int(timestamp)) > WINDOW_SECONDS:
            return Answer(401, "outside the window")
        expected = sign(self.key, message_id, timestamp, body)
        if not hmac.compare_digest(
            headers["webhook-signature"].encode(), expected.encode()
        ):
            return Answer(401, "no signature fits")
        if message_id in self.inbox:
            return Answer(202, "known already")
        self.inbox[message_id] = body  # in a database one insert, then commit
        self.todo.append(message_id)
        return Answer(202, "stored")

    def work(self) -> tuple[int, str, str]:
        """Counts what it processed; then what the bodies say, what the API says."""
        processed, told, current = 0, "", ""
        for message_id in self.todo:
            event = json.loads(self.inbox[message_id])
            told = event["status"]  # wrong as soon as two events changed places
            current = self.orders[event["order"]]
            processed += 1
        self.todo.clear()
        return processed, told, current


class Network:
    """Names, addresses and the faults of the day."""

    def __init__(self) -> None:
        self.names: dict[str, list[str]] = {}
        self.hosts: dict[str, Receiver] = {}
        self.faults: dict[str, list[str]] = {}  # for one request after the other
        self.dialed: list[Address] = []
        self.recorded: list[tuple[Mapping[str, str], bytes]] = []

    def resolve(self, host: str) -> list[Address]:
        return [ip_address(text) for text in self.names[host]]

    def post(self, address: Address, headers: Mapping[str, str], body: bytes) -> Answer:
        self.dialed.append(address)
        self.recorded.append((headers, body))
        faults = self.faults.get(str(address), [])
        fault = faults.pop(0) if faults else ""
        if fault == "503":
            return Answer(503, "unavailable")
        if fault == "410":
            return Answer(410, "gone")
        if fault == "down":
            raise NoAnswerError("connection refused")
        answer = self.hosts[str(address)].receive(headers, body)
        if fault == "answer lost":
            raise NoAnswerError(f"timeout, but {answer.reason}")
        return answer


@dataclass(slots=True)
class Log:
    """One line for each run of equal outcomes."""

    clock: Clock
    start: int
    rows: list[list[str]] = field(default_factory=list)

    def time(self) -> str:
        seconds = self.clock.now - self.start
        return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"

    def row(self, endpoint: Endpoint, message: Message, answer: Answer) -> None:
        outcome = f"{answer.status or '-'} {answer.reason}"
        last = self.rows[-1] if self.rows else []
        if last[:2] + last[5:] == [endpoint.name, message.id, outcome]:
            last[3], last[4] = f"-{message.tries}", self.time()
            return
        self.rows.append(
            [endpoint.name, message.id, str(message.tries), "", self.time(), outcome]
        )

    def flush(self) -> None:
        for name, message_id, first, more, time, outcome in self.rows:
            print(f"{name:<10}{message_id:<9}{first + more:<8}{time:<12}{outcome}")
        self.rows.clear()


KEY = b"sample-secret-of-32-bytes-for-it"
START = 1_767_225_600  # seconds since 1970
DAY = 86_400  # seconds


def event(number: int, status: str, due: int) -> Message:
    body = json.dumps({"order": "7", "status": status}, separators=(",", ":"))
    return Message(f"evt_{number}", body.encode(), due)


def main() -> None:
    clock = Clock(START)
    network, log = Network(), Log(clock, START)
    sender = Sender(network, clock, log)
    orders = {"7": "shipped"}  # at the provider: paid, then shipped
    endpoints = []
    names = ("fast", "ordered", "down", "rebind", "closed")
    for number, name in enumerate(names, start=1):
        address = f"192.31.196.{number}"
        network.names[f"{name}.test"] = [address]
        network.hosts[address] = Receiver(KEY, clock, orders)
        endpoints.append(Endpoint(name, f"https://{name}.test/hook", KEY))
    fast, ordered, down, rebind, closed = endpoints
    ordered.ordered = down.ordered = True
    network.faults = {
        "192.31.196.1": ["503", "", "answer lost"],
        "192.31.196.2": ["503"],
        "192.31.196.3": ["down"] * 10,
        "192.31.196.5": ["410"],
    }
    inboxes = list(network.hosts.values())

    print(f"{'endpoint':<10}{'event':<9}{'try':<8}{'at (last)':<12}outcome")
    for endpoint in (fast, ordered, down):
        endpoint.queue = [event(1, "paid", START), event(2, "shipped", START)]
        clock.now = START
        run(sender, [endpoint], START + 4 * DAY)
        log.flush()
    print(f"down is disabled: {down.disabled}, dead letters: {len(down.dead)}")
    clock.now = START + 80 * 3600
    replay(down, clock.now)
    run(sender, [down], START + 4 * DAY)
    log.flush()
    headers, body = network.recorded[-1]
    clock.now += WINDOW_SECONDS + 1
    again = inboxes[2].receive(headers, body)
    print(f"{'its recording, sent again 301 s later':<39}{again.status} {again.reason}")

    clock.now = START
    rebind.queue = [event(3, "paid", START)]
    run(sender, [rebind], START + DAY)
    network.hosts["10.0.0.5"] = Receiver(KEY, clock, orders)  # inner, would answer
    network.names["rebind.test"] = ["10.0.0.5", "192.31.196.4"]
    rebind.queue = [event(4, "shipped", START + 60)]
    run(sender, [rebind], START + 5 * DAY)
    clock.now = START
    closed.queue = [event(5, "paid", START), event(6, "paid", START + 1)]
    run(sender, [closed], START + DAY)
    log.flush()
    inner = sum(not is_public(address) for address in network.dialed)
    print(f"connections to inner addresses: {inner}")
    print(f"closed is disabled: {closed.disabled}, dead letters: {len(closed.dead)}")

    for name, receiver in zip(names[:3], inboxes, strict=False):
        processed, told, current = receiver.work()
        print(f"{name:<10}processed {processed}; told last: {told}; fetched: {current}")


if __name__ == "__main__":
    main()
