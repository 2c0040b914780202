"""Redis commands, one a line, sent over one connection, with the replies as redis-cli shows them.

Each line goes to the server as it is written (an inline command), so the server itself splits it
into words. Source: Redis serialization protocol specification, RESP2.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

COMMENT = "#"


@dataclass(frozen=True, slots=True)
class Session:
    """What a terminal would show, and how many commands the server took."""

    transcript: str
    commands: int


class ProtocolError(Exception):
    """The server closed the connection or sent what is no reply."""


def run_commands(address: Path, text: str, seconds: float) -> Session:
    """Send the commands in `text`; comments and blank lines are skipped.

    Raises OSError (TimeoutError after `seconds` without a reply) and ProtocolError.
    """
    lines = [line.strip() for line in text.splitlines()]
    commands = [line for line in lines if line and not line.startswith(COMMENT)]
    shown: list[str] = []
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(seconds)
        connection.connect(str(address))
        with connection.makefile("rb") as replies:
            for command in commands:
                connection.sendall(command.encode() + b"\r\n")
                shown.append(f"> {command}")
                shown += _reply(replies)
    return Session("".join(f"{line}\n" for line in shown), len(commands))


def _reply(replies: IO[bytes]) -> Iterator[str]:
    """The lines of one reply; an array is a numbered list, indented inside another."""
    kind, rest = _line(replies)
    if kind == "+":
        yield rest
    elif kind == "-":
        yield f"(error) {rest}"
    elif kind == ":":
        yield f"(integer) {rest}"
    elif kind == "$":
        yield "(nil)" if rest == "-1" else f'"{_escaped(_exactly(replies, int(rest)))}"'
    elif kind == "*":
        yield from _array(replies, int(rest))
    else:
        raise ProtocolError(f"unexpected reply {kind}{rest}")


def _array(replies: IO[bytes], size: int) -> Iterator[str]:
    if size <= 0:
        yield "(nil)" if size < 0 else "(empty array)"
        return
    width = len(str(size))
    for number in range(1, size + 1):
        mark = f"{number:>{width}}) "
        for line in _reply(replies):
            yield mark + line
            mark = " " * len(mark)


def _line(replies: IO[bytes]) -> tuple[str, str]:
    line = replies.readline()
    if not line.endswith(b"\r\n"):
        raise ProtocolError("the server closed the connection")
    text = line[:-2].decode("utf-8", "backslashreplace")
    return text[:1], text[1:]


def _exactly(replies: IO[bytes], size: int) -> bytes:
    data = replies.read(size + 2)
    if len(data) != size + 2:
        raise ProtocolError("the server closed the connection")
    return data[:-2]


def _escaped(data: bytes) -> str:
    """Bytes between quotes as redis-cli writes them."""
    named = {ord("\n"): "\\n", ord("\r"): "\\r", ord("\t"): "\\t", 7: "\\a", 8: "\\b"}
    named |= {ord('"'): '\\"', ord("\\"): "\\\\"}
    return "".join(
        named.get(byte) or (chr(byte) if 32 <= byte < 127 else f"\\x{byte:02x}") for byte in data
    )
