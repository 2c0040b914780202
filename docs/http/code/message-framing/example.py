"""Send four POST requests over a raw socket and print every byte."""

import json
import re
import socket
import threading
from typing import BinaryIO

TIMEOUT = 5.0  # seconds, for every socket operation
MAX_LINE = 8192
MAX_BODY = 65_536
POST = "POST /orders HTTP/1.1\r\nHost: shop.test\r\n"
CHUNKS = '4\r\n{"qt\r\n5\r\ny":2}\r\n0\r\n\r\n'
GET_ORDERS = "GET /orders HTTP/1.1\r\nHost: shop.test\r\n\r\n"
GET_ADMIN = "GET /admin HTTP/1.1\r\nHost: shop.test\r\n\r\n"
CASES = {
    "Content-Length": POST + 'Content-Length: 9\r\n\r\n{"qty":2}',
    "Chunked": POST + "Transfer-Encoding: chunked\r\n\r\n" + CHUNKS,
    "Neither, with a GET behind it": POST + '\r\n{"qty":2}' + GET_ORDERS,
    "Both, with a GET hidden inside": POST
    + "Content-Length: 45\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    + GET_ADMIN,
}


class BadRequestError(Exception):
    """The bytes are not a request that every parser reads in the same way."""


def quote(text: str) -> str:
    return json.dumps(text)


def read_line(stream: BinaryIO) -> str:
    line = stream.readline(MAX_LINE).decode("latin-1")
    if not line.endswith("\r\n"):
        raise BadRequestError(f"bad line {quote(line)}")
    return line[:-2]


def parse_length(digits: str, base: int) -> int:
    pattern = r"[0-9a-fA-F]{1,9}" if base == 16 else r"[0-9]{1,9}"
    if not re.fullmatch(pattern, digits):  # no sign, no space, no list
        raise BadRequestError(f"bad length {quote(digits)}")
    return int(digits, base)


def read_exactly(stream: BinaryIO, size: int) -> bytes:
    if size > MAX_BODY:
        raise BadRequestError("body too large")
    data = stream.read(size)
    if len(data) < size:
        raise BadRequestError("body cut short")
    return data


def read_head(stream: BinaryIO) -> tuple[str, dict[str, str]]:
    start, fields = read_line(stream), {}
    if not re.fullmatch(r"[A-Z]+ /\S* HTTP/1\.1", start):
        raise BadRequestError(f"bad request line {quote(start)}")
    while line := read_line(stream):  # the empty line ends the headers
        name, colon, value = line.partition(":")
        if not colon or re.search(r"\s", name):
            raise BadRequestError(f"bad header {quote(line)}")
        name, value = name.lower(), value.strip(" \t")
        fields[name] = f"{fields[name]}, {value}" if name in fields else value
    return start, fields


# --8<-- [start:show]
def read_chunks(stream: BinaryIO) -> bytes:
    body = b""
    while size := parse_length(read_line(stream).partition(";")[0], 16):
        body += read_exactly(stream, size)
        if len(body) > MAX_BODY or read_line(stream) != "":
            raise BadRequestError("bad chunk")
    while read_line(stream):  # trailer fields, up to the empty line
        pass
    return body


def read_body(stream: BinaryIO, fields: dict[str, str]) -> tuple[str, bytes]:
    """Apply the rules of RFC 9112 section 6.3 for requests, in their order."""
    coding, length = fields.get("transfer-encoding"), fields.get("content-length")
    if coding is not None and length is not None:
        raise BadRequestError("both lengths")
    if coding is not None:
        if coding.lower() != "chunked":
            raise BadRequestError(f"bad coding {quote(coding)}")
        return "chunked", read_chunks(stream)
    if length is not None:
        return "Content-Length", read_exactly(stream, parse_length(length, 10))
    return "no length", b""  # whatever follows is the next message


# --8<-- [end:show]


def serve(listener: socket.socket, log: list[str]) -> None:
    """Answer the messages of one connection; refuse and close at the first bad one."""
    connection, _ = listener.accept()
    connection.settimeout(TIMEOUT)
    with connection, connection.makefile("rb") as stream:
        try:
            while stream.peek(1):
                start, fields = read_head(stream)
                framing, body = read_body(stream, fields)
                request = start.removesuffix(" HTTP/1.1")
                content = quote(body.decode("latin-1"))
                log.append(f"{request} by {framing}: body {content}")
                answer = f"{len(body)} bytes"
                head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(answer)}\r\n\r\n"
                connection.sendall((head + answer).encode("latin-1"))
        except BadRequestError as error:
            connection.sendall(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")
            rest = stream.read()  # closing with unread bytes could reset the 400
            log.append(f"400: {error}")
            log.append(f"discards {len(rest)} bytes and closes")


def exchange(request: str) -> tuple[list[str], str]:
    """Send one case on a fresh connection; return the server's log and the answers."""
    log: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(TIMEOUT)
        server = threading.Thread(target=serve, args=(listener, log))
        server.start()
        with socket.create_connection(listener.getsockname(), TIMEOUT) as client:
            client.sendall(request.encode("latin-1"))
            client.shutdown(socket.SHUT_WR)  # nothing more to send
            with client.makefile("rb") as stream:
                received = stream.read().decode("latin-1")
        server.join()
    return log, received


def main() -> None:
    for number, (title, request) in enumerate(CASES.items(), start=1):
        log, received = exchange(request)
        print(f"{number}. {title}")
        for line in request.splitlines(keepends=True):
            print(f"   client  {quote(line)}")
        for entry in log:
            print(f"   server  {entry}")
        for answer in received.split("HTTP/1.1 ")[1:]:
            print(f"   answer  {quote('HTTP/1.1 ' + answer)}")


if __name__ == "__main__":
    main()
