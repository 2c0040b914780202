"""A minimal Protocol Buffers codec, to see what a change of schema does."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

VARINT, I64, LEN, I32 = 0, 1, 2, 5
FIXED_SIZE = {I64: 8, I32: 4}
U64 = (1 << 64) - 1


class SchemaError(Exception):
    """The schema breaks a rule that protoc enforces."""


class DecodeError(Exception):
    """The bytes are no message."""


class Field(NamedTuple):
    name: str
    kind: str  # int32, int64, sint32, string

    @property
    def wire(self) -> int:
        return LEN if self.kind == "string" else VARINT

    @property
    def default(self) -> int | str:
        return "" if self.kind == "string" else 0


class Schema:
    """Fields by number, as in a .proto file."""

    def __init__(self, fields: dict[int, Field], reserved: frozenset[int]) -> None:
        if taken := sorted(reserved & fields.keys()):
            raise SchemaError(f"number {taken[0]} is reserved")
        self.fields = dict(sorted(fields.items()))


@dataclass
class Message:
    values: dict[str, int | str]
    unknown: bytes = field(default=b"")  # whole fields, as they came


class RawField(NamedTuple):
    number: int
    wire: int
    value: int | bytes
    bytes: bytes  # tag and value


def signed(number: int, bits: int) -> int:
    number &= (1 << bits) - 1
    return number - (1 << bits) if number >> (bits - 1) else number


def parse_value(kind: str, raw: int | bytes) -> int | str:
    if isinstance(raw, bytes):
        return raw.decode()
    if kind == "sint32":  # zigzag: 0, -1, 1, -2, ...
        return signed(raw >> 1 ^ -(raw & 1), 32)
    return signed(raw, 64 if kind == "int64" else 32)


def dump_value(kind: str, value: int | str) -> bytes:
    if isinstance(value, str):
        text = value.encode()
        return varint(len(text)) + text
    if kind == "sint32":
        return varint(value * 2 if value >= 0 else -value * 2 - 1)
    return varint(value & U64)  # a negative number becomes two's complement


def varint(number: int) -> bytes:
    """Seven bits a byte, lowest first; the high bit says that more follow."""
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


# --8<-- [start:show]
def read_fields(data: bytes) -> Iterator[RawField]:
    """Split a message. No schema is needed: the tag says how long a value is."""
    at = 0
    while at < len(data):
        start = at
        tag, at = read_varint(data, at)
        number, wire = tag >> 3, tag & 7
        value: int | bytes
        if wire == VARINT:
            value, at = read_varint(data, at)
        elif wire == LEN or wire in FIXED_SIZE:
            size = FIXED_SIZE.get(wire)
            if size is None:
                size, at = read_varint(data, at)
            value, at = data[at : at + size], at + size
        else:
            raise DecodeError(f"wire type {wire} is not in use")
        if at > len(data) or number == 0:
            raise DecodeError(f"broken or cut off in field {number}")
        yield RawField(number, wire, value, data[start:at])


def decode(data: bytes, schema: Schema) -> Message:
    message = Message({each.name: each.default for each in schema.fields.values()})
    for raw in read_fields(data):
        known = schema.fields.get(raw.number)
        if known is not None and known.wire == raw.wire:
            message.values[known.name] = parse_value(known.kind, raw.value)
        else:
            message.unknown += raw.bytes  # neither an error nor lost
    return message


# --8<-- [end:show]


def encode(message: Message, schema: Schema) -> bytes:
    out = b""
    for number, known in schema.fields.items():
        value = message.values[known.name]
        if value:  # without `optional`, zero and empty are not sent
            out += varint(number << 3 | known.wire) + dump_value(known.kind, value)
    return out + message.unknown


def read_varint(data: bytes, at: int) -> tuple[int, int]:
    number = 0
    for shift in range(0, 70, 7):
        if at == len(data):
            break
        byte = data[at]
        at += 1
        number |= (byte & 0x7F) << shift
        if byte < 0x80:
            return number & U64, at
    raise DecodeError("broken or cut off in a number")


def schema(*fields: tuple[int, str, str], reserved: tuple[int, ...] = ()) -> Schema:
    by_number = {number: Field(name, kind) for number, name, kind in fields}
    return Schema(by_number, frozenset(reserved))


SKU = (1, "sku", "string")
QUANTITY = (2, "quantity", "int32")
NOTE = (3, "note", "string")
SHELF = (4, "shelf", "string")
V1 = schema(SKU, QUANTITY, NOTE)
V2 = schema(SKU, QUANTITY, NOTE, SHELF)
V3 = schema(SKU, QUANTITY, SHELF, reserved=(3,))


def text(message: Message) -> str:
    def quoted(value: int | str | bytes) -> str:
        if isinstance(value, int):
            return str(value)
        plain = value if isinstance(value, str) else value.decode("ascii")
        return f'"{plain}"'

    parts = [f"{name}={quoted(value)}" for name, value in message.values.items()]
    for raw in read_fields(message.unknown):
        parts.append(f"unknown {raw.number}={quoted(raw.value)}")
    return " ".join(parts)


def line(label: str, value: object) -> None:
    print(f"{label:<25}{value}")


def main() -> None:
    item = Message({"sku": "PEN-1", "quantity": 150, "note": "gift"})
    old = encode(item, V1)
    line(f"v1 writes {len(old)} bytes", old.hex(" "))
    line("v1 reads them", text(decode(old, V1)))

    item.values["shelf"] = "B7"
    new = encode(item, V2)
    print("v2 adds shelf = 4")
    line("  v2 reads v1", text(decode(old, V2)))
    seen = decode(new, V1)
    line("  v1 reads v2", text(seen))
    seen.values["quantity"] = 149
    line("  v1 edits, v2 reads", text(decode(encode(seen, V1), V2)))
    seen.unknown = b""
    line("  copied field by field", text(decode(encode(seen, V1), V2)))

    print("v3 removes note, reserves 3")
    line("  v3 reads v1", text(decode(old, V3)))
    try:
        schema(SKU, (3, "supplier", "string"), reserved=(3,))
    except SchemaError as error:
        line("  supplier = 3 declared", f"refused: {error}")

    print("3 is reused, not reserved")
    for kind, name in (("string", "supplier"), ("int64", "discount")):
        reused = schema(SKU, (3, name, kind))
        line(f"  {kind} {name}", text(decode(old, reused)))

    print("the type of 2 changes")
    for kind in ("int64", "sint32"):
        retyped = schema(SKU, (2, "quantity", kind), NOTE)
        line(f"  int32 to {kind}", text(decode(old, retyped)))
    big = encode(Message({"quantity": 2**32 + 7}), schema((2, "quantity", "int64")))
    line("  int64 to int32, 2^32+7", text(decode(big, schema(QUANTITY))))
    for kind in ("int32", "sint32"):
        minus = encode(Message({"n": -1}), schema((2, "n", kind)))
        line(f"  -1 as {kind}", minus.hex(" "))

    try:
        decode(old[:-1], V1)
    except DecodeError as error:
        line("one byte is missing", error)


if __name__ == "__main__":
    main()
