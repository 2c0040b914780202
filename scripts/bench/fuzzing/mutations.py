"""Seeded mutations of a file's bytes; each takes random numbers, the bytes and others to mix in."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

Mutation = Callable[[random.Random, bytes, Sequence[bytes]], bytes]

TOKENS: tuple[bytes, ...] = tuple(
    text.encode("utf-8")
    for text in (
        "```",
        "````",
        "~~~",
        "``` { .python title=",
        "``` { .python hl_lines='99-1' }",
        "```mermaid\n",
        "/// tab | X\n",
        "///",
        "/////// note\n",
        "/// details | \n    open: [\n\n",
        "---\n",
        "...\n",
        "<!--",
        "-->",
        "<script>",
        "<pre>",
        "</div>",
        "<a href='",
        "<![CDATA[",
        "<?php",
        "&#0;",
        "&#xFFFFFFFF;",
        "[](",
        "](",
        "![",
        "[x]: <",
        "[^1]:",
        "{ #",
        "{: #x .y z='",
        " }",
        "%00%ff",
        "](http://[::1",
        "](//)",
        "](?#)",
        "](../../../../../../etc/passwd)",
        "](%2e%2e/%2e%2e/x.md#%)",
        '--8<-- "../../../../../../etc/passwd"\n',
        '--8<-- "/etc/passwd"\n',
        '--8<-- "http/methods.md"\n',
        '--8<-- "http/code/greeting/example.py:nope"\n',
        '--8<-- "http/code"\n',
        '--8<-- "http/code/greeting/example.py:-1:99999999999"\n',
        '--8<-- "https://example.com/x"\n',
        '--8<-- ""\n',
        "--8<--\nhttp/methods.md\n--8<--\n",
        ';--8<-- "x"\n',
        "# --8<-- [start:show]\n",
        "| a | b |\n|---|\n| c |\n",
        "- [x] ",
        "### x { #methods-safe .core }\n",
        "**In 30 seconds.** ",
        "\t",
        "\r\n",
        "\r",
        "\x0b",
        "\x0c",
        "\x85",
        "\u2028",
        "\u2029",
        "\u200b",
        "\u202e",
        "\ufeff",
        "\ufffd",
        "\U0001f600",
        "e\u0301",
        "\u02ffwzxhzdk:0\u0003",
        "\x02wzxhzdk:0\x03",
        "\x02klzzwxh:0001\x03",
        "\x1b[2J",
    )
)
"""What parsers of Markdown, YAML and URLs stumble over, with the renderer's own stash marks."""

HEADS: tuple[bytes, ...] = tuple(
    text.encode("utf-8")
    for text in (
        "title: [",
        "title: &a [*a, *a]",
        "a: &a [x,x,x,x]\nb: &b [*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b]\ntitle: *c",
        "title: !!python/object/apply:os.system ['true']",
        "title: !ENV [HOME]",
        "<<: *missing",
        "<<: [1, 2]",
        "? [a, b]\n: c",
        "? {a: b}\n: c",
        "title: 2026-99-99",
        "reviewed: 0000-00-00",
        "reviewed: 99999-01-01",
        "reviewed: 2026-11-20T25:00:00Z",
        "reviewed: -1",
        "title: .nan\ntags: .inf",
        "tags: {a: 1}",
        "tags: [[a], {b: c}, null, 1.5, true]",
        "tags: 12:30:45",
        "level: null",
        "prerequisites: methods",
        "related: [null]",
        "title: x\ntitle: y",
        "1: 2\nnull: 3\ntrue: 4",
        "- a list",
        "just text",
        "''",
        "\ttitle: tab",
        "title: |\n  a\n b",
        "title: '\u0000'",
        'title: "\\ud800"',
        'title: "\\U0010ffff\\x00"',
        "%YAML 9.9",
        "--- !x\n",
        "title: x # \u2028",
        "aliases: [" + "a, " * 3000 + "a]",
        "x: " + "[" * 3000,
        "x: " + "{a: " * 500,
        "x:\n" + "".join(" " * n + "y:\n" for n in range(1, 300)),
        "x: 0b" + "1" * 5000,
        "x: " + "9" * 6000,
        "x: 1" + ":1" * 2000,
    )
)


def flip_bytes(rng: random.Random, data: bytes, _: Sequence[bytes]) -> bytes:
    """Overwrite a few bytes with random ones; the result is often no UTF-8."""
    new = bytearray(data or b"\0")
    for _n in range(rng.randint(1, 8)):
        new[rng.randrange(len(new))] = rng.randrange(256)
    return bytes(new)


def insert_bytes(rng: random.Random, data: bytes, _: Sequence[bytes]) -> bytes:
    """Insert random bytes, NUL among them."""
    at = rng.randint(0, len(data))
    return data[:at] + rng.choice((b"\0", rng.randbytes(rng.randint(1, 30)))) + data[at:]


def insert_token(rng: random.Random, data: bytes, _: Sequence[bytes]) -> bytes:
    """Insert a token that means something to a parser, anywhere."""
    for _n in range(rng.randint(1, 4)):
        at = rng.randint(0, len(data))
        data = data[:at] + rng.choice(TOKENS) + data[at:]
    return data


def insert_line(rng: random.Random, data: bytes, _: Sequence[bytes]) -> bytes:
    """Insert a token on a line of its own, indented like code, list or quote."""
    lines = data.split(b"\n")
    for _n in range(rng.randint(1, 4)):
        lead = rng.choice((b"", b"", b"    ", b"\t", b"  ", b"> ", b"- ", b"1. "))
        lines.insert(rng.randint(0, len(lines)), lead + rng.choice(TOKENS))
    return b"\n".join(lines)


def cut(rng: random.Random, data: bytes, _: Sequence[bytes]) -> bytes:
    """Remove a random range."""
    start = rng.randint(0, len(data))
    return data[:start] + data[start + rng.randint(1, max(1, len(data) // 3)) :]


def truncate(rng: random.Random, data: bytes, _: Sequence[bytes]) -> bytes:
    """Keep the beginning, as an interrupted save does."""
    return data[: rng.randint(0, len(data))]


def repeat(rng: random.Random, data: bytes, _: Sequence[bytes]) -> bytes:
    """Repeat a random range a few times."""
    start = rng.randint(0, len(data))
    part = data[start : start + rng.randint(1, 200)]
    return data[:start] + part * rng.randint(2, 30) + data[start:]


def splice(rng: random.Random, data: bytes, others: Sequence[bytes]) -> bytes:
    """Continue with another file from somewhere in its middle."""
    other = rng.choice(others) if others else data
    return data[: rng.randint(0, len(data))] + other[rng.randint(0, len(other)) :]


def shuffle_lines(rng: random.Random, data: bytes, _: Sequence[bytes]) -> bytes:
    """Move lines about within a window."""
    lines = data.split(b"\n")
    start = rng.randrange(len(lines))
    window = lines[start : start + rng.randint(2, 40)]
    rng.shuffle(window)
    return b"\n".join((*lines[:start], *window, *lines[start + len(window) :]))


def drop_lines(rng: random.Random, data: bytes, _: Sequence[bytes]) -> bytes:
    """Delete a few lines."""
    rate = rng.choice((0.02, 0.1, 0.4))
    return b"\n".join(line for line in data.split(b"\n") if rng.random() > rate)


def indent_lines(rng: random.Random, data: bytes, _: Sequence[bytes]) -> bytes:
    """Indent, dedent or quote a run of lines."""
    lines = data.split(b"\n")
    start = rng.randrange(len(lines))
    lead = rng.choice((b" ", b"  ", b"    ", b"\t", b"> ", b"- ", b"        "))
    for row in range(start, min(len(lines), start + rng.randint(1, 60))):
        lines[row] = lines[row].lstrip() if rng.random() < 0.1 else lead + lines[row]
    return b"\n".join(lines)


def line_ends(rng: random.Random, data: bytes, _: Sequence[bytes]) -> bytes:
    """Other line ends: CRLF, CR, mixed, none, Unicode separators."""
    end = rng.choice((b"\r\n", b"\r", b"\n\r", b"", "\u2028".encode(), b"\x85", b"\x0b"))
    if rng.random() < 0.5:
        return data.replace(b"\n", end)
    return b"".join(line + (end if rng.random() < 0.3 else b"\n") for line in data.split(b"\n"))


def encoding(rng: random.Random, data: bytes, _: Sequence[bytes]) -> bytes:
    """Another encoding: UTF-16, Latin-1, BOMs, overlong and surrogate sequences."""
    text = data.decode("utf-8", "replace")
    return rng.choice(
        (
            text.encode("utf-16"),
            text.encode("utf-16-le"),
            text.encode("latin-1", "replace") + b"\xe9",
            b"\xef\xbb\xbf" + data,
            b"\xef\xbb\xbf\xef\xbb\xbf" + data,
            data + b"\xc0\xaf",
            data + b"\xed\xa0\x80",
            data + b"\xf4\x90\x80\x80",
            b"\xfe\xff" + data,
        )
    )


def head(rng: random.Random, data: bytes, _: Sequence[bytes]) -> bytes:
    """Replace or disturb the front matter, or the beginning of a data file."""
    wrong = rng.choice(HEADS)
    parts = data.split(b"---\n", 2)
    body = parts[2] if data.startswith(b"---\n") and len(parts) == 3 else data
    return rng.choice(
        (
            b"---\n" + wrong + b"\n---\n" + body,
            b"---\n" + (parts[1] if len(parts) == 3 else b"") + wrong + b"\n---\n" + body,
            wrong + b"\n" + data,
            data + b"\n" + wrong,
            b"---\n" + wrong,
            b"---\n---\n" + body,
        )
    )


def deep(rng: random.Random, data: bytes, _: Sequence[bytes]) -> bytes:
    """Insert something nested or repeated far beyond what anyone writes."""
    count = rng.choice((50, 300, 2000, 10_000))
    few = min(count, 300)
    block = rng.choice(
        (
            b"[" * count,
            b"[" * count + b"]" * count,
            b"![" * count + b"](x)" * few,
            b"(" * count,
            b"[x](" * count,
            b"*" * count,
            b"**a " * count,
            b"_a*" * count,
            b"`" * count,
            b"`a``" * count,
            b"<" * count,
            b"<a " * count,
            b"<b>" * count,
            b"<!--" * count,
            b"<div>\n" * few,
            b"> " * few + b"x",
            b"\n".join(b"    " * n + b"- x" for n in range(min(few, 100))),
            b"\n".join(b">" * n + b" ```" for n in range(few)),
            b"".join(b"/" * n + b" note | x\n\n" for n in range(3, few)),
            b"/// note\n\n" * few,
            b"```\n" * count,
            b"".join(b"`" * n + b"x\n" for n in range(3, few)),
            b"|" * count + b"\n" + b"|-" * count + b"\n" + b"|x" * count,
            b"# " * count,
            b"".join(b"### q { #i%d }\n" % n for n in range(few)),
            b"[a]: b\n" * count,
            b"{ #" * count + b" }",
            b"&" * count,
            b"&amp;" * count,
            b"\\" * count,
            b" " * count + b"x",
            b"\t" * count,
            b"\n" * count,
            b"a" * count * 20,
            b"http://" * count,
            b"- [x] " * count,
            b"1. " * few,
            b": " * count,
            "e\u0301".encode() * count,
            b"--8<-- " * count,
        )
    )
    gap = rng.choice((b"\n\n", b"\n", b" "))
    at = rng.randint(0, len(data))
    return data[:at] + gap + block + gap + data[at:]


def random_markdown(rng: random.Random, data: bytes, _: Sequence[bytes]) -> bytes:
    """Markdown from nothing but tokens, words and line ends."""
    pieces = (*TOKENS, b"\n", b"\n\n", b" ", b"word ", b"# ", b"## ", b"- ", b"    ", b"> ")
    start = data[: data.find(b"\n# ")] if rng.random() < 0.5 else b""
    return start + b"\n" + b"".join(rng.choice(pieces) for _n in range(rng.randint(1, 400)))


def random_bytes(rng: random.Random, _data: bytes, _: Sequence[bytes]) -> bytes:
    """Bytes from nothing."""
    return rng.randbytes(rng.choice((0, 1, 2, 50, 5000)))


def huge(rng: random.Random, data: bytes, _: Sequence[bytes]) -> bytes:
    """A file around and beyond the size that a page may have."""
    unit = rng.choice((b"x", b"word ", b"| a ", b"[a](b) ", b"`a` ", data or b"x", b"line\n"))
    size = rng.choice((50_000, 200_000, 999_999, 1_000_001, 3_000_000))
    return data[: data.find(b"\n## ")] + b"\n\n" + unit * (size // len(unit))


MUTATIONS: tuple[Mutation, ...] = (
    flip_bytes,
    insert_bytes,
    insert_token,
    insert_token,
    insert_line,
    insert_line,
    cut,
    truncate,
    repeat,
    splice,
    shuffle_lines,
    drop_lines,
    indent_lines,
    line_ends,
    encoding,
    head,
    deep,
    random_markdown,
)
"""Those that stand twice are drawn twice as often."""

RARE: tuple[Mutation, ...] = (random_bytes, huge)
"""Slow or quickly refused: drawn once in fifty."""


def mutate(rng: random.Random, data: bytes, others: Sequence[bytes]) -> bytes:
    """Apply one to four random mutations to `data`."""
    if rng.random() < 0.02:
        return rng.choice(RARE)(rng, data, others)
    for _ in range(rng.choice((1, 1, 2, 4))):
        data = rng.choice(MUTATIONS)(rng, data, others)
    return data
