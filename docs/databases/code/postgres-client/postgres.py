"""The part of PostgreSQL's wire protocol (version 3.0) that an example needs.

A real service uses the driver of its language (psycopg). This client exists so
that examples run with nothing installed: it only talks to a server that trusts
it, sends every value as text, and serves one thread at a time.
"""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from struct import pack, unpack, unpack_from
from typing import BinaryIO, NamedTuple, Self

Value = str | int | bool | None
Message = tuple[bytes, bytes]  # kind and body
TYPES = {16: lambda text: text == "t", 20: int, 21: int, 23: int}  # by OID, rest text


class PostgresError(Exception):
    """The server refused; code is its SQLSTATE, such as 23505."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


class Result(NamedTuple):
    rows: list[tuple[Value, ...]]
    tag: str  # such as "UPDATE 3" or "COMMIT"


# --8<-- [start:show]
def extended_query(sql: str, args: tuple[Value, ...]) -> bytes:
    """Five messages, one write. SQL and values travel apart: no value becomes code."""
    values = b"".join(map(parameter, args))
    return (
        message(b"P", b"\0" + cstring(sql) + pack("!H", 0))  # parse; types inferred
        + message(b"B", b"\0\0" + pack("!HH", 0, len(args)) + values + pack("!H", 0))
        + message(b"D", b"P\0")  # describe the columns
        + message(b"E", b"\0" + pack("!i", 0))  # execute, no limit of rows
        + message(b"S")  # sync: after an error the server skips to here
    )


def read_answer(reader: BinaryIO) -> list[Message]:
    """Read to ReadyForQuery, past any error: only then may the next request go out."""
    answer: list[Message] = []
    while not answer or answer[-1][0] != b"Z":
        kind, size = unpack("!ci", read_exactly(reader, 5, answer))
        body = read_exactly(reader, size - 4, answer)
        if kind == b"R" and body != pack("!i", 0):
            raise ConnectionError("the server asks for a password; there is none")
        answer.append((kind, body))
    return answer


def interpret(answer: list[Message]) -> Result:
    rows, oids, tag = [], [], ""
    for kind, body in answer:
        if kind == b"T":
            oids = column_types(body)
        elif kind == b"D":
            rows.append(data_row(body, oids))
        elif kind == b"C":
            tag = body[:-1].decode()
        elif kind == b"E":
            raise server_error(body)
    return Result(rows, tag)


# --8<-- [end:show]


def parameter(value: Value) -> bytes:
    if value is None:
        return pack("!i", -1)
    if not isinstance(value, str | int):
        raise TypeError(f"cannot bind {type(value).__name__}")
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return pack("!i", len(text.encode())) + text.encode()


def message(kind: bytes, body: bytes = b"") -> bytes:
    return kind + pack("!i", 4 + len(body)) + body


def cstring(text: str) -> bytes:
    if "\0" in text:
        raise ValueError("a zero byte would end the string early")
    return text.encode() + b"\0"


def read_exactly(reader: BinaryIO, size: int, answer: list[Message]) -> bytes:
    data = reader.read(size)
    if len(data) < size:
        last_words = [server_error(body) for kind, body in answer if kind == b"E"]
        cause = last_words[0] if last_words else None
        raise ConnectionError("the server closed the connection") from cause
    return data


def column_types(body: bytes) -> list[int]:
    oids, at = [], 2
    for _ in range(*unpack_from("!H", body)):
        at = body.index(b"\0", at) + 1  # past the name
        oids += unpack_from("!I", body, at + 6)  # past table and column number
        at += 18
    return oids


def data_row(body: bytes, oids: list[int]) -> tuple[Value, ...]:
    values: list[Value] = []
    at = 2
    for oid in oids:
        (size,) = unpack_from("!i", body, at)
        end = at + 4 + max(size, 0)
        text = body[at + 4 : end].decode()
        values.append(None if size < 0 else TYPES.get(oid, str)(text))
        at = end
    return tuple(values)


def server_error(body: bytes) -> PostgresError:
    fields = {part[:1]: part[1:].decode() for part in body.split(b"\0") if part}
    return PostgresError(fields[b"C"], fields[b"M"])


class Connection:
    """One session with the server; connect() makes it."""

    def __init__(self, sock: socket.socket, settings: dict[str, str]) -> None:
        self._socket = sock
        self._reader = sock.makefile("rb")
        self.closed = False
        self.status = ""  # "I" idle, "T" in a transaction, "E" in a failed one
        pairs = b"".join(cstring(text) for pair in settings.items() for text in pair)
        start = pack("!i", 196608) + pairs + b"\0"  # 3.0 is 3 << 16
        self._exchange(message(b"", start))

    def query(self, sql: str, *args: Value) -> list[tuple[Value, ...]]:
        """Run one statement with $1, $2, ... bound; return its rows."""
        return self._exchange(extended_query(sql, args)).rows

    def execute(self, sql: str, *args: Value) -> int:
        """Run one statement, or a script that has no values; return its row count."""
        request = extended_query(sql, args) if args else message(b"Q", cstring(sql))
        count = self._exchange(request).tag.split(" ")[-1]
        return int(count) if count.isdigit() else 0

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit what the block did, or roll it back if the block fails."""
        self.execute("BEGIN")
        try:
            yield
        except BaseException:
            if not self.closed:
                self.execute("ROLLBACK")
            raise
        # COMMIT of a failed transaction is no error: it answers ROLLBACK.
        if self._exchange(message(b"Q", b"COMMIT\0")).tag != "COMMIT":
            raise PostgresError("25P02", "an error was caught inside: rolled back")

    def _exchange(self, request: bytes) -> Result:
        if self.closed:
            raise ConnectionError("the connection is closed")
        try:
            self._socket.sendall(request)
            answer = read_answer(self._reader)
        except BaseException:
            self._drop()  # the rest of an answer may still come: never use it again
            raise
        self.status = answer[-1][1].decode()
        return interpret(answer)

    def _drop(self) -> None:
        self.closed = True
        self._reader.close()
        self._socket.close()

    def close(self) -> None:
        if not self.closed:
            with suppress(OSError):  # a courtesy: the server may be gone already
                self._socket.sendall(message(b"X"))
            self._drop()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def connect(timeout_seconds: float = 5) -> Connection:
    """Connect to what PGHOST, PGPORT, PGUSER and PGDATABASE name."""
    host = os.environ.get("PGHOST", "localhost")
    port = os.environ.get("PGPORT", "5432")
    user = os.environ.get("PGUSER", "postgres")
    settings = {
        "user": user,
        "database": os.environ.get("PGDATABASE", user),
        "client_encoding": "UTF8",
        "statement_timeout": str(int(timeout_seconds * 1000)),  # milliseconds
    }
    unix = host.startswith("/")
    sock = socket.socket(socket.AF_UNIX if unix else socket.AF_INET)
    # The server gives up a slow statement first; this is for a server that is gone.
    sock.settimeout(timeout_seconds + 1)
    try:
        sock.connect(f"{host}/.s.PGSQL.{port}" if unix else (host, int(port)))
        return Connection(sock, settings)
    except BaseException:
        sock.close()
        raise
