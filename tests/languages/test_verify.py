"""Code is read by real parsers, whole or as an honest fragment, and errors have their place."""

from __future__ import annotations

import pytest

from guide.languages import LANGUAGES, canonical, is_known, verify

GOOD = [
    ("python", "def f(x: int) -> int:\n    return x + 1\n"),
    ("python", "await f()\nreturn 1"),
    ("python", "    indented = True\n    as_a_whole = True"),
    ("go", 'package main\n\nfunc main() {\n\tprintln("x")\n}'),
    ("go", "func add(a, b int) int { return a + b }"),
    ("go", "x := 1\nfmt.Println(x)"),
    ("javascript", 'import x from "y";\nconst a = await f();'),
    ("javascript", '{ a: 1, "b": [2] }'),
    ("typescript", "const x: number = 1;"),
    ("java", "class A { void f() { int x = 1; } }"),
    ("java", "public int f() { return 1; }"),
    ("bash", "curl -s http://localhost/ | jq '.[0]'"),
    ("json", '{"a": [1, 2.5e3, null, true]}'),
    ("jsonl", '{"a": 1}\n{"a": 2}'),
    ("yaml", "a: 1\n---\nb: [1, 2]"),
    ("toml", '[a]\nb = "c"'),
    ("http", "GET /orders HTTP/1.1\nHost: shop.test"),
    ("http", "HTTP/1.1 204 No Content\nVary: Origin"),
    (
        "http",
        "POST /a HTTP/1.1\nHost: x\nContent-Type: application/json\nContent-Length: 7\n\n"
        '{"a":1}\n\nHTTP/1.1 201 Created\nLocation: /a/1',
    ),
    ("sql", "SELECT id FROM orders WHERE created_at > now() - interval '1 day' FOR UPDATE;"),
    ("graphql", "query Q($id: ID!) { order(id: $id) { id } }"),
    ("protobuf", 'syntax = "proto3";\nmessage A { string b = 1; }'),
    ("dockerfile", "FROM python:3.13\nRUN pip install x"),
    ("nginx", "server { listen 80; location / { return 204; } }"),
    ("html", "<p>one<br>two</p>"),
    ("xml", "<a><b/></a>"),
    ("css", "a { color: red }"),
    ("text", "anything <at> {all"),
    ("console", "$ ls\nfile"),
]

BAD = [
    ("python", "x = 1\ndef f(:\n    pass", 2, 7),
    ("go", "func main() {\n\tx := \n}", 3, 1),
    ("javascript", "const a = f(;\n", 1, 13),
    ("java", "class A {\n  int f( {}\n}", 2, 9),
    ("bash", "if true; then\necho x", 2, 7),
    ("json", '{\n  "a": 1,\n}', 2, 9),
    ("json", "{'a': 1}", 1, 2),
    ("yaml", "a: 1\nb: [1", 2, 6),
    ("yaml", "a: 1\na: 2", 2, 1),
    ("toml", "a = 1\nb = ", 2, 4),
    ("http", "GET / HTTP/1.1", 1, 1),
    ("http", "HTTP/1.1 200 OK\nContent-Type: text/plain\nContent-Length: 3\n\nabcd", 3, 17),
    ("http", 'HTTP/1.1 200 OK\nContent-Type: application/json\n\n{"a":}', 4, 6),
    ("sql", "SELECT 1;\nSELEC 2;", 2, 1),
    ("graphql", "{ a ", 1, 4),
    ("nginx", "server { listen 80 }", 1, 19),
    ("xml", "<a><b></a>", 1, 9),
]


@pytest.mark.parametrize(("language", "code"), GOOD)
def test_valid_code_has_no_problem(language: str, code: str) -> None:
    assert verify(language, code) == ()


@pytest.mark.parametrize(("language", "code", "line", "column"), BAD)
def test_a_problem_has_line_and_column(language: str, code: str, line: int, column: int) -> None:
    problem = verify(language, code)[0]

    assert (problem.line, problem.column) == (line, column), problem
    assert problem.message


@pytest.mark.parametrize("language", sorted(LANGUAGES))
@pytest.mark.parametrize(
    "code",
    ["", "\n\n", "(" * 10_000, "[" * 10_000, "{" * 10_000, "a\x00b", "\ud800", "a\rb", "\u2028<"],
    ids=["empty", "blank", "parens", "brackets", "braces", "nul", "surrogate", "cr", "separator"],
)
def test_nothing_crashes_a_verifier(language: str, code: str) -> None:
    for problem in verify(language, code):
        assert problem.line >= 1
        assert problem.column >= 1


@pytest.mark.parametrize(
    ("alias", "name"), [("js", "javascript"), ("py", "python"), ("yml", "yaml"), ("sh", "bash")]
)
def test_aliases_lead_to_their_language(alias: str, name: str) -> None:
    assert canonical(alias) == name


def test_an_unknown_language_is_no_pass() -> None:
    assert not is_known("cobol")
    with pytest.raises(ValueError, match="unknown language: cobol"):
        verify("cobol", "x")


def test_windows_line_ends_do_not_move_positions() -> None:
    assert verify("json", '{\r\n  "a": 1,\r\n}')[0].line == 2


def test_common_json_mistakes_get_a_hint() -> None:
    assert verify("json", '{"a": 1,}')[0].hint == "remove the comma"
