"""The part of Redis' protocol (RESP2) that an example needs.

A real service uses a client library (redis-py). This one exists so that examples
run with nothing installed: no TLS, no password, no cluster, no reconnecting.
Threads may share a connection: a lock lets one exchange pass at a time.
"""

import os
import socket
import threading
from collections.abc import Sequence
from typing import BinaryIO, Self

Reply = str | int | None | list["Reply"]
Argument = str | int


class RedisError(Exception):
    """The server refused the command; code is its first word, such as WRONGTYPE."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.code = message.split(" ")[0]


# --8<-- [start:show]
def encode(command: Sequence[Argument]) -> bytes:
    """An array of strings, each behind its length: no value can end the command."""
    parts = [f"*{len(command)}\r\n".encode()]
    for argument in command:
        data = str(argument).encode()
        parts.append(b"$%d\r\n%s\r\n" % (len(data), data))
    return b"".join(parts)


def read_reply(reader: BinaryIO) -> Reply | RedisError:
    """The first byte says what follows; arrays hold further replies."""
    line = read_line(reader)
    kind, rest = line[:1], line[1:]
    match kind:
        case "+":
            return rest
        case "-":
            return RedisError(rest)  # an answer like any other: no reason to hang up
        case ":":
            return int(rest)
        case "$":
            size = int(rest)
            return None if size < 0 else read_exactly(reader, size + 2)[:-2].decode()
        case "*":
            size = int(rest)
            return None if size < 0 else [read_reply(reader) for _ in range(size)]
    raise ConnectionError(f"no reply begins with {kind!r}")


# --8<-- [end:show]


def read_line(reader: BinaryIO) -> str:
    line = reader.readline()
    if not line.endswith(b"\r\n"):
        raise ConnectionError("the server closed the connection")
    return line[:-2].decode()


def read_exactly(reader: BinaryIO, size: int) -> bytes:
    data = reader.read(size)
    if len(data) < size:
        raise ConnectionError("the server closed the connection")
    return data


class Connection:
    """One connection to the server; connect() makes it."""

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock
        self._reader = sock.makefile("rb")
        self._one_at_a_time = threading.Lock()
        self.closed = False

    def command(self, *command: Argument) -> Reply:
        """Send one command; return its reply or raise RedisError."""
        (reply,) = self.pipeline([command])
        if isinstance(reply, RedisError):
            raise reply
        return reply

    def pipeline(
        self, commands: Sequence[Sequence[Argument]]
    ) -> list[Reply | RedisError]:
        """Send all, then read all: one round trip. Errors are among the replies."""
        return self.raw(b"".join(map(encode, commands)), len(commands))

    def raw(self, request: bytes, replies: int) -> list[Reply | RedisError]:
        with self._one_at_a_time:
            if self.closed:
                raise ConnectionError("the connection is closed")
            try:
                self._socket.sendall(request)
                return [read_reply(self._reader) for _ in range(replies)]
            except BaseException:
                self._drop()  # the rest may still come: never use it again
                raise

    def _drop(self) -> None:
        self.closed = True
        self._reader.close()
        self._socket.close()

    def close(self) -> None:
        with self._one_at_a_time:
            if not self.closed:
                self._drop()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def connect(timeout_seconds: float = 5) -> Connection:
    """Connect to the socket that REDIS_SOCKET names."""
    sock = socket.socket(socket.AF_UNIX)
    sock.settimeout(timeout_seconds)
    try:
        sock.connect(os.environ["REDIS_SOCKET"])
        return Connection(sock)
    except BaseException:
        sock.close()
        raise
