"""Compress the same orders in several ways and print only what is certain."""

import zlib
from collections.abc import Iterator
from itertools import islice

CITIES = ("Oslo", "Lima", "Pune", "Kyiv", "Accra", "Quito", "Turin", "Osaka")


def numbers(seed: int) -> Iterator[int]:
    """The same generator in every language; the high bits are the good ones."""
    while True:
        seed = (seed * 1103515245 + 12345) % 2**31
        yield seed >> 16


def orders(count: int) -> list[str]:
    draw = numbers(7)
    return [
        f'{{"id":{100000 + n},"city":"{CITIES[next(draw) % 8]}",'
        f'"status":"{"paid" if next(draw) % 4 else "open"}",'
        f'"totalCents":{next(draw)},"currency":"EUR"}}'
        for n in range(count)
    ]


# --8<-- [start:show]
GZIP, ZLIB, RAW = 31, 15, -15  # zlib's names for the three wrappers


def packed(data: bytes, wrapper: int, level: int = 6, known: bytes = b"") -> bytes:
    if known:
        packer = zlib.compressobj(level, wbits=wrapper, zdict=known)
    else:
        packer = zlib.compressobj(level, wbits=wrapper)
    return packer.compress(data) + packer.flush()


def unpacked(data: bytes, wrapper: int, known: bytes = b"") -> bytes:
    if known:
        return zlib.decompressobj(wbits=wrapper, zdict=known).decompress(data)
    return zlib.decompressobj(wbits=wrapper).decompress(data)


def one_by_one(rows: list[str]) -> int:
    return with_dictionary(rows, b"")


def with_dictionary(rows: list[str], known: bytes) -> int:
    return sum(len(packed(row.encode(), RAW, 9, known)) for row in rows)


# --8<-- [end:show]


def say(claim: str, holds: bool) -> None:
    print(f"  {claim:<58}{'yes' if holds else 'no'}")


def main() -> None:
    rows = orders(500)
    body = ("[" + ",".join(rows) + "]").encode()
    raw = packed(body, RAW)
    gzip = packed(body, GZIP)
    print(f"500 orders, {len(body)} bytes of JSON")
    say("gzip comes back byte for byte", unpacked(gzip, GZIP) == body)
    say("gzip is less than a fifth", len(gzip) * 5 < len(body))
    say("level 9 is not larger than level 1", len9(body) <= len1(body))

    print("one algorithm, three wrappers")
    say("zlib ('deflate' in HTTP) is raw + 6", len(packed(body, ZLIB)) == len(raw) + 6)
    say("gzip is raw + 18", len(gzip) == len(raw) + 18)
    say("the bytes between the wrappers are the same", gzip[10:-8] == raw)

    print("bodies to leave alone")
    tiny = b'{"id":42,"ok":true}\n'
    noise = bytes(number % 256 for number in islice(numbers(7), 20000))
    say("20 bytes grow", len(packed(tiny, GZIP)) > len(tiny))
    say("20000 random bytes grow", len(packed(noise, GZIP)) > len(noise))
    say("by less than 1 percent", len(packed(noise, GZIP)) * 100 < len(noise) * 101)

    print("the same rows, one compression each")
    alone = one_by_one(rows)
    known = ",".join(orders(20)).encode()
    shared = with_dictionary(rows[20:], known)
    back = unpacked(packed(rows[99].encode(), RAW, 9, known), RAW, known)
    say("together they take less than a third of that", len(raw) * 3 < alone)
    say("20 known rows as a dictionary: less than half", shared * 2 < alone)
    say("and a row comes back with the dictionary", back == rows[99].encode())

    print("a secret beside reflected text, guessed through the size")
    right, wrong = guess("SAMPLE7Q2K9X"), guess("SAMPLEW4JH8V")
    say("the right guess gives the shorter response", right < wrong)


def guess(token: str) -> int:
    page = f'{{"token":"SAMPLE7Q2K9X","echo":"no hits for \\"token\\":\\"{token}"}}'
    return len(packed(page.encode(), GZIP, 9))


def len1(body: bytes) -> int:
    return len(packed(body, GZIP, 1))


def len9(body: bytes) -> int:
    return len(packed(body, GZIP, 9))


if __name__ == "__main__":
    main()
