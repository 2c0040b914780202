"""Redis commands, regular expressions, OpenAPI descriptions and GitHub workflows."""

from __future__ import annotations

import pytest

from guide.languages import SyntaxProblem, verify

OPENAPI = """\
openapi: 3.1.0
info:
  title: Orders
  version: "1"
paths:
  /orders:
    get:
      responses:
        "200":
          description: The orders.
"""
WORKFLOW = """\
name: Check
on:
  pull_request:
jobs:
  check:
    runs-on: ubuntu-24.04
    steps:
      - run: make test
"""

GOOD = [
    ("redis", 'SET key "a value" EX 10 NX\nGET key\n# a comment\nMULTI\nEXEC'),
    ("redis", '127.0.0.1:6379> INCR hits\n(integer) 1\n127.0.0.1:6379> GET hits\n"1"'),
    ("redis", "xgroup CREATE stream group $ MKSTREAM"),
    ("redis-cli", "CLIENT TRACKING ON"),
    ("redis", "EVAL 'return redis.call(\"GET\", KEYS[1])' 1 key"),
    ("regex", r"^(?P<year>\d{4})-\d\d$" + "\n" + r"(?<name>x)\k<name>"),
    ("regex", "/^[a-z]+$/iu"),
    ("yaml", OPENAPI),
    ("yaml", OPENAPI.replace("3.1.0", "3.0.3")),
    ("json", '{"openapi": "3.1.0", "info": {"title": "A", "version": "1"}, "paths": {}}'),
    ("yaml", "paths:\n  /orders:\n    gett: {}\n"),
    ("yaml", WORKFLOW),
    ("yaml", "on: push\n"),
]
BROKEN = [
    (
        "redis",
        "SET key 1\nEXPIR key 1",
        SyntaxProblem(2, 1, "Redis has no command `EXPIR`", "did you mean `EXPIRE`?"),
    ),
    ("redis", "GET", SyntaxProblem(1, 1, "`GET` takes 1 arguments, not 0")),
    ("redis", "EXPIRE key", SyntaxProblem(1, 1, "`EXPIRE` takes at least 2 arguments, not 1")),
    (
        "redis",
        "XGROUP CRATE s g $",
        SyntaxProblem(1, 8, "`XGROUP` has no subcommand `CRATE`", "did you mean `CREATE`?"),
    ),
    (
        "redis",
        '127.0.0.1:6379> SET key "a',
        SyntaxProblem(1, 25, "a quoted argument that does not end, or has text behind it"),
    ),
    ("regex", "a(b", SyntaxProblem(1, 2, "missing ), unterminated subpattern")),
    ("regex", "ok\n[z-a]", SyntaxProblem(2, 2, "bad character range z-a")),
    ("regex", "/*a/", SyntaxProblem(1, 2, "nothing to repeat")),
    (
        "yaml",
        OPENAPI.replace("          description: The orders.\n", "          summary: x\n"),
        SyntaxProblem(9, 9, "not valid OpenAPI: 'description' is a required property"),
    ),
    (
        "yaml",
        OPENAPI.replace("3.1.0", "2.0"),
        SyntaxProblem(1, 1, "OpenAPI 2.0 is not a version that can be verified (3.0, 3.1)"),
    ),
    (
        "yaml",
        WORKFLOW.replace("runs-on", "run-on"),
        SyntaxProblem(5, 3, "not a valid workflow: 'runs-on' is a required property"),
    ),
]


@pytest.mark.parametrize(("language", "code"), GOOD)
def test_what_its_engine_accepts_has_no_problem(language: str, code: str) -> None:
    assert verify(language, code) == ()


@pytest.mark.parametrize(("language", "code", "problem"), BROKEN)
def test_a_mistake_is_named_at_its_place(language: str, code: str, problem: SyntaxProblem) -> None:
    assert verify(language, code)[:1] == (problem,)


def test_a_workflow_of_this_kind_names_what_it_does_not_know() -> None:
    (problem,) = verify("yaml", WORKFLOW.replace("pull_request", "pul_request"))

    assert problem.line in (2, 3)
    assert "pul_request" in problem.message
