"""Trace a checkout through two HTTP services and a queue; then sample traces."""

import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import SimpleQueue
from typing import NamedTuple

TRACEPARENT = re.compile(
    r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?"
)
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
CALLER = "00f067aa0ba902b7"
KEEP_FROM = "cccccccccccccc"  # the upper fifth of 56 random bits
SLOW = 500


class Clock:
    """Milliseconds that pass only when somebody works."""

    now = 0

    def work(self, milliseconds: int) -> None:
        self.now += milliseconds


class Ids:
    """Stand in for secrets.token_hex."""

    traces = 0xA0
    spans = 0

    def trace(self) -> str:
        self.traces += 1
        return f"{self.traces:032x}"

    def span(self) -> str:
        self.spans += 1
        return f"{self.spans:016x}"


clock = Clock()
ids = Ids()
exported: list["Span"] = []
queue: SimpleQueue[dict[str, str]] = SimpleQueue()


# --8<-- [start:show]
@dataclass(frozen=True, slots=True)
class Context:
    trace_id: str
    span_id: str
    sampled: bool
    state: str = ""  # tracestate, passed on unchanged


current: ContextVar[Context | None] = ContextVar("current", default=None)


def extract(headers: Mapping[str, str]) -> Context | None:
    match = TRACEPARENT.fullmatch(headers.get("traceparent", ""))
    if not match:
        return None
    version, trace_id, span_id, flags, rest = match.groups()
    if version == "ff" or (version == "00" and rest):
        return None
    if not trace_id.strip("0") or not span_id.strip("0"):
        return None
    sampled = bool(int(flags, 16) & 1)  # a bit field: 09 is sampled too
    return Context(trace_id, span_id, sampled, headers.get("tracestate", ""))


def inject(context: Context) -> dict[str, str]:
    both = f"{context.trace_id}-{context.span_id}"
    headers = {"traceparent": f"00-{both}-{context.sampled:02x}"}
    return headers | ({"tracestate": context.state} if context.state else {})


@contextmanager
def span(
    name: str, kind: str, parent: Context | None, link: Context | None = None
) -> Iterator[Context]:
    if parent:  # same trace and decision, an id of its own
        own = replace(parent, span_id=ids.span())
    else:  # a root decides; ours takes the linked producer's decision over
        own = Context(ids.trace(), ids.span(), link.sampled if link else True)
    token = current.set(own)
    start = clock.now
    try:
        yield own
    finally:
        current.reset(token)
        if own.sampled:
            exported.append(Span(own, parent, link, name, kind, start, clock.now))


# --8<-- [end:show]


class Span(NamedTuple):
    """What the exporter gets."""

    own: Context
    parent: Context | None
    link: Context | None
    name: str
    kind: str
    start: int
    end: int


class Service(BaseHTTPRequestHandler):
    """The span ends before the answer leaves, so that times are certain."""

    timeout = 5

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        with span(f"POST {self.path}", "server", extract(self.headers)):
            self.handle_request()
        self.send_response(204)
        self.end_headers()

    def handle_request(self) -> None:
        raise NotImplementedError

    def log_message(self, format: str, *args: object) -> None:
        """Keep stderr quiet: the spans are the log."""


class Payments(Service):
    """Remembers the headers of the last call."""

    seen: Mapping[str, str]

    def handle_request(self) -> None:
        Payments.seen = self.headers
        clock.work(40)


class Shop(Service):
    """Calls payments and queues a mail."""

    payments_port = 0

    def handle_request(self) -> None:
        clock.work(5)
        with span("POST /charge", "client", current.get()) as call:
            clock.work(2)
            post(Shop.payments_port, "/charge", inject(call))
            clock.work(2)
        with span("send mail", "producer", current.get()) as message:
            clock.work(1)
            queue.put(inject(message))


def work_off_queue() -> None:
    clock.work(100)  # the message waits
    with span("process mail", "consumer", None, extract(queue.get(timeout=5))):
        clock.work(30)


def post(port: int, path: str, headers: Mapping[str, str]) -> None:
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("POST", path, b"{}", dict(headers))
        answer = connection.getresponse()
        answer.read()
        if answer.status != 204:
            raise RuntimeError(f"{path} answered {answer.status}")
    finally:
        connection.close()


def checkout(headers: Mapping[str, str]) -> list[Span]:
    exported.clear()
    clock.now = 0
    post(shop.server_port, "/checkout", headers)
    work_off_queue()
    return sorted(exported, key=lambda each: (each.start, each.own.span_id))


def show_headers() -> None:
    print("traceparent received                 decision")
    both = f"{TRACE}-{CALLER}"
    for label, header in (
        ("00-trace-parent-01", f"00-{both}-01"),
        ("00-trace-parent-00", f"00-{both}-00"),
        ("00-trace-parent-09", f"00-{both}-09"),
        ("01-trace-parent-01-more", f"01-{both}-01-more"),
        ("00-trace-parent-01-more", f"00-{both}-01-more"),
        ("ff-trace-parent-01", f"ff-{both}-01"),
        ("00-TRACE-parent-01, upper case", f"00-{TRACE.upper()}-{CALLER}-01"),
        ("00-zeros-parent-01", f"00-{'0' * 32}-{CALLER}-01"),
    ):
        context = extract({"traceparent": header})
        sampled = context and ("sampled" if context.sampled else "not sampled")
        print(f"  {label:<35}{f'continue, {sampled}' if context else 'new trace'}")


def show_spans(spans: list[Span]) -> None:
    print("\ntrace  span  parent  kind      name             ms       link")
    for own, parent, link, name, kind, start, end in spans:
        above = parent.span_id[-4:] if parent else "-"
        linked = link.span_id[-4:] if link else "-"
        ms = f"{start}-{end}"
        row = f"{own.trace_id[-4:]:<7}{own.span_id[-4:]:<6}{above:<8}{kind:<10}"
        print(f"{row}{name:<17}{ms:<9}{linked}")


def check(spans: list[Span]) -> None:
    server, client, charge, producer, consumer = spans
    held = (
        server.parent == Context(TRACE, CALLER, True, "congo=t61r"),
        client.parent == server.own and producer.parent == server.own,
        charge.parent == client.own,
        consumer.parent is None and consumer.link == producer.own,
        consumer.own.trace_id != producer.own.trace_id,
    )
    print(f"parents and link as they must be: {sum(held)} of {len(held)}")
    print(f"tracestate at payments: {Payments.seen['tracestate']}")


def head(trace_id: str) -> bool:
    return trace_id[-14:] >= KEEP_FROM


def tail(spans: list[tuple[int, int, bool]]) -> str:
    """Decide when all spans of a trace are there."""
    duration = max(end for _, end, _ in spans) - min(start for start, _, _ in spans)
    if any(failed for _, _, failed in spans):
        return "keep, error"
    return "keep, slow" if duration > SLOW else "drop"


def show_sampling() -> None:
    arrived = (  # spans as they come in: trace, start, end, failed
        ("9d30b2a6c1f4e7", 0, 35, False),
        ("41a7c09be2d856", 10, 40, True),
        ("e85b1d7703c2fa", 12, 43, False),
        ("41a7c09be2d856", 2, 50, False),
        ("0b6ef2481d95a3", 5, 880, False),
        ("73c4d95a10be62", 20, 42, False),
        ("0b6ef2481d95a3", 3, 915, False),
    )
    traces: dict[str, list[tuple[int, int, bool]]] = {}
    for trace_id, *rest in arrived:
        traces.setdefault(f"{trace_id:0>32}", []).append(tuple(rest))
    print("\ntrace           spans  ms   error  head 20 %  tail")
    for trace_id, spans in traces.items():
        ms = max(end for _, end, _ in spans) - min(start for start, _, _ in spans)
        failed = "yes" if any(failed for _, _, failed in spans) else "no"
        first = "keep" if head(trace_id) else "drop"
        row = f"{trace_id[-14:]}  {len(spans):<7}{ms:<5}{failed:<7}"
        print(f"{row}{first:<11}{tail(spans)}")


payments = ThreadingHTTPServer(("127.0.0.1", 0), Payments)
shop = ThreadingHTTPServer(("127.0.0.1", 0), Shop)


def main() -> None:
    Shop.payments_port = payments.server_port
    for server in (payments, shop):
        threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        show_headers()
        header = f"00-{TRACE}-{CALLER}-01"
        spans = checkout({"traceparent": header, "tracestate": "congo=t61r"})
        show_spans(spans)
        check(spans)
        spans = checkout({"traceparent": f"00-{TRACE}-{CALLER}-00"})
        flag = Payments.seen["traceparent"][-2:]
        print(f"\ncaller not sampled: payments got {flag}, {len(spans)} spans exported")
        spans = checkout({"traceparent": "not-a-trace", "tracestate": "congo=t61r"})
        state = Payments.seen.get("tracestate", "dropped")
        print(f"malformed: trace {spans[0].own.trace_id[-4:]}, tracestate {state}")
    finally:
        for server in (payments, shop):
            server.shutdown()
            server.server_close()
    show_sampling()


if __name__ == "__main__":
    main()
