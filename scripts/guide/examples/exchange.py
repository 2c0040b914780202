"""HTTP exchanges: requests replayed against a real server, responses compared with the file's.

exchange.http holds requests and responses in turn. Each request is sent as it stands, over one
connection as long as HTTP keeps it; h11 reads both sides. A response must be the one in the file:
its status, its body, and every header but those that a server adds by itself.
Source: RFC 9112.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Sequence
from dataclasses import dataclass

import h11

START_LINE = re.compile(r"(?P<method>[A-Z-]+) \S+ HTTP/1\.1|HTTP/1\.1 [1-5]\d\d(?: .*)?")
OWN_HEADERS = frozenset({b"date", b"server", b"connection"})
"""What servers add by themselves; compared only where the file has it."""
_CHUNK = 65_536


class ExchangeError(Exception):
    """The file is no exchange, or the server does not speak HTTP."""


@dataclass(frozen=True, slots=True)
class Message:
    """A message of the file: its line there (from 1) and its bytes as they cross the wire."""

    line: int
    wire: bytes
    is_request: bool
    method: bytes = b""


@dataclass(frozen=True, slots=True)
class Replay:
    """The exchange as it really went, in the form of the file, and the number of messages."""

    text: str
    messages: int


def replay(text: str, port: int, seconds: float) -> Replay:
    """Replay the exchange against 127.0.0.1:`port`; raise ExchangeError or OSError."""
    messages = split_messages(text)
    shown: list[str] = []
    with _Client(port, seconds) as client:
        for request, response in zip(messages[::2], messages[1::2], strict=True):
            shown += [_text(request.wire), client.ask(request, response)]
    return Replay("\n\n".join(part.rstrip("\n") for part in shown) + "\n", len(messages))


def split_messages(text: str) -> tuple[Message, ...]:
    """Requests and responses in turn; raise ExchangeError if they are not."""
    lines = text.split("\n")
    starts = [
        number
        for number, line in enumerate(lines)
        if START_LINE.fullmatch(line) and (number == 0 or not lines[number - 1].strip())
    ]
    if not starts or any(line.strip() for line in lines[: starts[0]]):
        raise ExchangeError("line 1: an exchange begins with a request line")
    messages = tuple(
        _message(lines[start:end], start + 1)
        for start, end in zip(starts, [*starts[1:], len(lines)], strict=True)
    )
    for number, message in enumerate(messages):
        if message.is_request != (number % 2 == 0):
            raise ExchangeError(f"line {message.line}: requests and responses come in turn")
    if len(messages) % 2:
        raise ExchangeError(f"line {messages[-1].line}: this request has no response")
    return messages


def _message(lines: Sequence[str], line: int) -> Message:
    blank = next((at for at, each in enumerate(lines) if not each.strip()), len(lines))
    head = "\r\n".join(lines[:blank]) + "\r\n\r\n"
    body = "\n".join(lines[blank + 1 :]).rstrip("\n")
    if re.search(r"^transfer-encoding:.*chunked", head, re.I | re.M):
        # In a chunked body line ends are part of the framing.
        body = "".join(f"{each}\r\n" for each in body.split("\n")) + "\r\n"
    start = START_LINE.fullmatch(lines[0])
    method = (start["method"] or "") if start else ""
    return Message(line, (head + body).encode(), bool(method), method.encode())


class _Client:
    """One connection at a time to the server."""

    def __init__(self, port: int, seconds: float) -> None:
        self._address = ("127.0.0.1", port)
        self._seconds = seconds
        self._socket: socket.socket | None = None

    def __enter__(self) -> _Client:
        return self

    def __exit__(self, *error: object) -> None:
        self._close()

    def ask(self, request: Message, wanted: Message) -> str:
        """Send a request; return its response in the order of the wanted one."""
        protocol = h11.Connection(h11.CLIENT)
        for event in _events(h11.Connection(h11.SERVER), request):
            protocol.send(event)
        connection = self._socket or socket.create_connection(self._address, self._seconds)
        self._socket = connection
        connection.sendall(request.wire)
        head, body = _receive(connection, protocol, request)
        if protocol.our_state is not h11.DONE or protocol.their_state is not h11.DONE:
            self._close()
        return _shown(head, body, wanted)

    def _close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None


def _events(reader: h11.Connection, message: Message) -> list[h11.Event]:
    """What a server reads; raise ExchangeError if it is not one whole message."""
    reader.receive_data(message.wire)
    events: list[h11.Event] = []
    try:
        while not events or not isinstance(events[-1], h11.EndOfMessage):
            event = reader.next_event()
            if not isinstance(event, h11.Request | h11.Data | h11.EndOfMessage):
                raise ExchangeError(f"line {message.line}: the request is not complete")
            events.append(event)
    except h11.RemoteProtocolError as error:
        raise ExchangeError(f"line {message.line}: {error}") from error
    return events


def _receive(
    connection: socket.socket, protocol: h11.Connection, request: Message
) -> tuple[h11.Response, bytes]:
    head, body = None, b""
    try:
        while True:
            event = protocol.next_event()
            if event is h11.NEED_DATA:
                data = connection.recv(_CHUNK)
                if not data and head is None:
                    raise ExchangeError(f"line {request.line}: the server closed the connection")
                protocol.receive_data(data)
            elif isinstance(event, h11.Response):
                head = event
            elif isinstance(event, h11.Data):
                body += event.data
            elif isinstance(event, h11.EndOfMessage) and head is not None:
                return head, body
            elif not isinstance(event, h11.InformationalResponse):
                raise ExchangeError(f"line {request.line}: the server says {type(event).__name__}")
    except h11.RemoteProtocolError as error:
        raise ExchangeError(f"line {request.line}: the server answers no HTTP: {error}") from error


def _shown(head: h11.Response, body: bytes, wanted: Message) -> str:
    """A response as the file would hold it: what servers add by themselves is left out."""
    asked_for = {
        line.partition(b":")[0].lower()
        for line in wanted.wire.partition(b"\r\n\r\n")[0].split(b"\r\n")[1:]
    }
    lines = [b"HTTP/%s %d %s" % (head.http_version, head.status_code, head.reason)]
    for (name, value), (raw, _) in zip(head.headers, head.headers.raw_items(), strict=True):
        if name in asked_for or name not in OWN_HEADERS:
            lines.append(raw + b": " + value)
    text = _text(b"\r\n".join(line.rstrip() for line in lines))
    return text + (f"\n\n{_text(body)}" if body else "")


def _text(wire: bytes) -> str:
    return wire.decode("utf-8", "backslashreplace").replace("\r\n", "\n")
