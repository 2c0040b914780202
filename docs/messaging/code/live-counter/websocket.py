"""The part of RFC 6455 that an example needs: handshake, text and control frames.

A real service uses a library (websockets). This one knows no fragments, no binary
frames, no extensions and no TLS.
"""

import base64
import hashlib
import os
import socket
from typing import BinaryIO

GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
TEXT, CLOSE, PING, PONG = 0x1, 0x8, 0x9, 0xA
GOING_AWAY, PROTOCOL_ERROR, NOT_UTF8, TOO_BIG = 1001, 1002, 1007, 1009


class FrameError(Exception):
    """The peer broke the protocol; the close code says how."""

    def __init__(self, code: int) -> None:
        super().__init__(f"close {code}")
        self.code = code


# --8<-- [start:show]
def accept_key(nonce: str) -> str:
    """Prove that the server understood a WebSocket handshake, and no cache answered."""
    return base64.b64encode(hashlib.sha1((nonce + GUID).encode()).digest()).decode()


def encode(opcode: int, payload: bytes, mask: bytes = b"") -> bytes:
    """One whole message in one frame; only clients pass a mask."""
    bit = 0x80 if mask else 0
    if len(payload) < 126:
        head = bytes([0x80 | opcode, bit | len(payload)])
    else:
        head = bytes([0x80 | opcode, bit | 126]) + len(payload).to_bytes(2, "big")
    return head + mask + masked(payload, mask)


def masked(payload: bytes, mask: bytes) -> bytes:
    if not mask:
        return payload
    return bytes(byte ^ mask[at % 4] for at, byte in enumerate(payload))


def read_frame(reader: BinaryIO, from_client: bool) -> tuple[int, bytes]:
    first, second = read_exactly(reader, 2)
    opcode, size = first & 0x0F, second & 0x7F
    if first & 0xF0 != 0x80 or opcode not in (TEXT, CLOSE, PING, PONG):
        raise FrameError(PROTOCOL_ERROR)  # a library would join fragments here
    if bool(second & 0x80) != from_client or (opcode >= CLOSE and size > 125):
        raise FrameError(PROTOCOL_ERROR)  # clients mask, servers must not
    if size == 127:
        raise FrameError(TOO_BIG)  # refused before a byte of it is read
    if size == 126:
        size = int.from_bytes(read_exactly(reader, 2), "big")
    mask = read_exactly(reader, 4) if from_client else b""
    payload = masked(read_exactly(reader, size), mask)
    if opcode == TEXT and not is_utf8(payload):
        raise FrameError(NOT_UTF8)
    return opcode, payload


# --8<-- [end:show]


def is_utf8(payload: bytes) -> bool:
    try:
        payload.decode()
    except UnicodeDecodeError:
        return False
    return True


def read_exactly(reader: BinaryIO, size: int) -> bytes:
    data = reader.read(size)
    if len(data) < size:
        raise ConnectionError("the peer hung up")
    return data


class Client:
    """The browser's half."""

    def __init__(self, port: int, path: str, origin: str) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), 5)
        self._reader = self._socket.makefile("rb")
        nonce = base64.b64encode(os.urandom(16)).decode()
        self._socket.sendall(
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nOrigin: {origin}\r\n"
            "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            f"Sec-WebSocket-Key: {nonce}\r\n\r\n".encode()
        )
        self.status = int(self._reader.readline().split()[1])
        headers = {}
        while line := self._reader.readline().strip().decode():
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        proof = headers.get("sec-websocket-accept")
        if self.status == 101 and proof != accept_key(nonce):
            raise ConnectionError("not a WebSocket server")

    def send(self, text: str, opcode: int = TEXT) -> None:
        self._socket.sendall(encode(opcode, text.encode(), os.urandom(4)))

    def close_with(self, code: int) -> None:
        self._socket.sendall(encode(CLOSE, code.to_bytes(2, "big"), os.urandom(4)))

    def send_unmasked(self, text: str) -> None:
        self._socket.sendall(encode(TEXT, text.encode()))

    def receive(self) -> tuple[int, str]:
        """The next frame as it came: pings are the caller's to answer."""
        opcode, payload = read_frame(self._reader, from_client=False)
        if opcode == CLOSE:
            return opcode, str(int.from_bytes(payload[:2], "big"))
        return opcode, payload.decode()

    def is_cut(self) -> bool:
        """Read what is left; say whether the server hung up without a close frame."""
        try:
            while self.receive()[0] != CLOSE:
                pass
        except ConnectionError:
            return True
        return False

    def close(self) -> None:
        self._reader.close()
        self._socket.close()
