"""HTTP messages: heads that h11 accepts, bodies that keep their promises."""

from __future__ import annotations

import pytest

from guide.languages import SyntaxProblem, verify

HOST = "Host: shop.test"

GOOD = [
    f'GET / HTTP/1.1\n{HOST}\n\nHTTP/1.1 304 Not Modified\nETag: "a"\nContent-Length: 9',
    f"HEAD / HTTP/1.1\n{HOST}\n\nHTTP/1.1 200 OK\nContent-Length: 30",
    "HTTP/1.1 101 Switching Protocols\nConnection: Upgrade\nUpgrade: websocket",
    "HTTP/1.1 103 Early Hints\nLink: </a.css>; rel=preload\n\nHTTP/1.1 200 OK",
    f"OPTIONS * HTTP/1.1\n{HOST}",
    f"CONNECT a:443 HTTP/1.1\n{HOST}\n\nHTTP/1.1 200 OK",
    "GET / HTTP/1.0",
    "HTTP/2 200\ncontent-type: text/plain\n\nhi",
    "HTTP/1.1 200 OK\nContent-Type: text/event-stream\n\ndata: a\n\ndata: b",
    "HTTP/1.1 200 OK\nContent-Type: text/plain\nTransfer-Encoding: chunked\n\n4\nWiki\n0\n",
    'HTTP/1.1 200 OK\nContent-Type: application/json\nContent-Length: 10\n\n{"a": "é"}'.replace(
        ": 10", ": 11"
    ),
]

BROKEN = [
    ("GET /a", SyntaxProblem(1, 7, "the HTTP version is missing", "`GET /a HTTP/1.1`")),
    (
        f"get / HTTP/1.1\n{HOST}",
        SyntaxProblem(1, 1, "a method is written in upper case", "`GET`"),
    ),
    (
        f"GET /a b HTTP/1.1\n{HOST}",
        SyntaxProblem(1, 7, "a request target holds no spaces", "encode them as `%20`"),
    ),
    (
        f"GET /é HTTP/1.1\n{HOST}",
        SyntaxProblem(1, 6, "`é` cannot be in a request target", "percent-encode its UTF-8 bytes"),
    ),
    (
        f"GET / HTTP/1.2\n{HOST}",
        SyntaxProblem(1, 7, "unknown version `HTTP/1.2`", "`HTTP/1.1`"),
    ),
    (
        "HTTP/1.1 OK",
        SyntaxProblem(1, 10, "the status must be a number from 100 to 599", "`HTTP/1.1 200 OK`"),
    ),
    (
        "GET / HTTP/1.1\nHost x",
        SyntaxProblem(
            2,
            1,
            "this header has no colon: `Host x`",
            "a blank line separates headers and body",
        ),
    ),
    ("GET / HTTP/1.1\nHost : x", SyntaxProblem(2, 5, "a space cannot be in a header name")),
    ("GET / HTTP/1.1\nHost: x\nHost: y", SyntaxProblem(3, 1, "found multiple Host: headers")),
    (
        "GET / HTTP/1.1\nAccept: */*",
        SyntaxProblem(1, 1, "missing mandatory Host: header", "add a `Host` header"),
    ),
    (
        f"GET / HTTP/1.1\n{HOST}\nHTTP/1.1 200 OK",
        SyntaxProblem(3, 1, "a blank line is missing before this message"),
    ),
    (
        f"GET / HTTP/1.1\n{HOST}\n\nHTP/1.1 200 OK",
        SyntaxProblem(4, 1, "a body that no header announces", "or is a start line misspelt here?"),
    ),
    (
        "HTTP/1.1 204 No Content\nContent-Length: 0",
        SyntaxProblem(2, 1, "a 204 response has no `Content-Length`"),
    ),
    (
        f"POST / HTTP/1.1\n{HOST}\nContent-Type: text/plain\nContent-Length: 1\n\né\n",
        SyntaxProblem(4, 17, "`Content-Length` is 1, but the body has 2 bytes"),
    ),
    (
        'HTTP/1.1 200 OK\nContent-Type: application/problem+json; charset=utf-8\n\n{\n"a": 1,\n}',
        SyntaxProblem(5, 7, "JSON does not allow trailing commas", "remove the comma"),
    ),
]


@pytest.mark.parametrize("code", GOOD)
def test_messages_as_they_cross_the_wire_pass(code: str) -> None:
    assert verify("http", code) == ()


@pytest.mark.parametrize(("code", "problem"), BROKEN)
def test_a_mistake_is_named_and_placed(code: str, problem: SyntaxProblem) -> None:
    assert verify("http", code) == (problem,)


def test_each_message_of_a_block_is_judged_by_itself() -> None:
    code = f"GET / HTTP/1.1\n{HOST} \nA b: c\n\nHTTP/1.1 200 OK\nContent-Length: 2"

    assert [(each.line, each.column) for each in verify("http", code)] == [(3, 2), (6, 17)]
