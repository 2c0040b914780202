"""Negotiate a content coding, and read compressed request bodies within a limit."""

import gzip
import io
import re
import zlib

OURS = ("br", "gzip", "identity")  # what the server can send, best first
LIMIT = 65536  # bytes of a request body, counted after decompression


def weights(accept: str) -> dict[str, int]:
    """Quality values as thousandths, by lower-case name."""
    found: dict[str, int] = {}
    for member in accept.lower().split(","):
        name, _, parameter = (part.strip() for part in member.partition(";"))
        quality = re.fullmatch(r"q=([01])(?:\.(\d{0,3}))?", parameter or "q=1")
        if name and quality:
            digits = (quality[2] or "").ljust(3, "0")
            found[name] = min(int(quality[1] + digits), 1000)
    return found


# --8<-- [start:show]
def choose(accept: str | None, ours: tuple[str, ...] = OURS) -> str | None:
    """The coding to send; None if the client excludes all of ours."""
    if accept is None:
        return "identity"  # anything is allowed; plain is what always works
    asked = weights(accept)

    def weight(coding: str) -> int:
        # identity is acceptable unless excluded, but nobody asked for it
        unnamed = 1 if coding == "identity" else 0
        return asked.get(coding, asked.get("*", unnamed))

    best = max(ours, key=weight)  # the first of equals: our own order
    return best if weight(best) > 0 else None


def read_body(coding: str, wire: bytes) -> tuple[int, bytes]:
    """Status and content of a request body; the limit holds for what comes out."""
    if coding == "identity":
        return (200, wire) if len(wire) <= LIMIT else (413, b"")
    if coding not in ("gzip", "x-gzip"):
        return 415, b""  # the answer carries Accept-Encoding: gzip
    if not wire:
        return 400, b""  # not even a header
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(wire)) as unpacker:
            body = unpacker.read(LIMIT + 1)  # never more than that
    except (OSError, EOFError, zlib.error):  # no gzip, cut off, damaged
        return 400, b""
    return (200, body) if len(body) <= LIMIT else (413, b"")


# --8<-- [end:show]


def main() -> None:
    print("Accept-Encoding             response is sent as")
    for accept in (
        None,
        "",
        "gzip, br",
        "gzip;q=1.0, br;q=0.8",
        "GZIP;q=0.5, identity",
        "br;q=0, *;q=0.1",
        "zstd",
        "zstd, identity;q=0",
        "*;q=0",
    ):
        label = "(absent)" if accept is None else accept or "(empty)"
        print(f"  {label:<26}{choose(accept) or '406'}")

    order = b'{"item":"lamp","qty":2}'
    packed = gzip.compress(order, mtime=0)
    bomb = gzip.compress(bytes(10_000_000), mtime=0)
    print("\nrequest body                   status")
    for label, coding, wire in (
        ("gzip", "gzip", packed),
        ("gzip, cut off", "gzip", packed[:-9]),
        ("gzip in name only", "gzip", order),
        ("gzip twice", "gzip, gzip", gzip.compress(packed, mtime=0)),
        ("br, which we do not read", "br", order),
        ("identity, over the limit", "identity", bytes(LIMIT + 1)),
        ("gzip bomb", "gzip", bomb),
    ):
        status, body = read_body(coding, wire)
        print(f"  {label:<29}{status} {body.decode()}".rstrip())
    small = "yes" if len(bomb) < LIMIT else "no"
    print(f"the bomb itself is below the limit: {small}")


if __name__ == "__main__":
    main()
