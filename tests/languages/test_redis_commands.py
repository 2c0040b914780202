"""Redis commands: they exist, and take as many arguments as they are given."""

from __future__ import annotations

import time

import pytest

from guide.languages import SyntaxProblem, verify

PROMPTED = '127.0.0.1:6379> SET a 1\nOK\n127.0.0.1:6379(TX)> GET a\n"1"\n'

GOOD = [
    "SET session:1 '{\"user\": 7}' EX 60 NX\nget session:1",
    '# The longest first.\nZADD board 10 "Ann Lee" 20 Bob\n\nZRANGE board 0 -1 REV   # two',
    "XGROUP CREATE orders billing $ MKSTREAM",
    "CLIENT NO-EVICT on\nCONFIG SET maxmemory-policy allkeys-lru",
    PROMPTED,
    "> MULTI\nOK\n> INCR a\nQUEUED",
    "redis:6379[2]> DBSIZE\n(integer) 0",
    "EVAL \"return redis.call('GET', KEYS[1])\" 1 a",
    'SET a "a \\"b\\" \\x00" \nSET b \'it\\\'s\'',
    "JSON.SET a $ 1 2 3 4",
    "HEXPIRE cart 60 FIELDS 1 item",
    "5 PING",
    "COMMAND",
    "SET color #ff0000",
]

BROKEN = [
    ("GTE a", SyntaxProblem(1, 1, "unknown command `GTE`", "did you mean `GET`?")),
    (
        "> SET a 1\nOK\n> EXPIER a 5",
        SyntaxProblem(3, 3, "unknown command `EXPIER`", "did you mean `EXPIRE`?"),
    ),
    (
        "CLIENT LSIT",
        SyntaxProblem(1, 8, "`CLIENT` has no sub-command `LSIT`", "did you mean `LIST`?"),
    ),
    ("set é ", SyntaxProblem(1, 6, "`SET` takes at least 2 arguments, but has 1")),
    ("GET", SyntaxProblem(1, 4, "`GET` takes 1 argument, but has none")),
    (
        "GET a b",
        SyntaxProblem(1, 7, "`GET` takes 1 argument, but has 2", "quote a value that holds spaces"),
    ),
    ("DBSIZE a", SyntaxProblem(1, 8, "`DBSIZE` takes no arguments, but has 1")),
    (
        "XGROUP DESTROY s",
        SyntaxProblem(1, 17, "`XGROUP DESTROY` takes 2 arguments, but has 1"),
    ),
    ("XGROUP", SyntaxProblem(1, 7, "`XGROUP` takes at least 1 argument, but has none")),
    ('SET a "b', SyntaxProblem(1, 7, "the string is never closed")),
    ("SET a it's", SyntaxProblem(1, 9, "the string is never closed")),
    (
        'SET a "b"c',
        SyntaxProblem(1, 10, "unexpected `c`", "a space must follow a closing quote"),
    ),
    (
        "SET a 1\nOK",
        SyntaxProblem(
            2,
            1,
            "unknown command `OK`",
            "replies follow commands that begin with a prompt, such as `>`",
        ),
    ),
    (
        "redis-cli PING",
        SyntaxProblem(
            1,
            1,
            "unknown command `redis-cli`",
            "a command of the shell is `bash` or `console`",
        ),
    ),
]


@pytest.mark.parametrize("code", GOOD)
def test_commands_that_the_server_takes_pass(code: str) -> None:
    assert verify("redis", code) == ()


@pytest.mark.parametrize(("code", "problem"), BROKEN)
def test_a_mistake_is_named_and_placed(code: str, problem: SyntaxProblem) -> None:
    assert verify("redis-cli", code) == (problem,)


def test_a_text_that_is_not_redis_ends_soon() -> None:
    started = time.process_time()

    assert len(verify("redis", "zz a\n" * 20_000)) == 20
    assert time.process_time() - started < 1


def test_every_command_is_checked() -> None:
    assert [each.line for each in verify("redis", "GET\nPING\nGET")] == [1, 3]
